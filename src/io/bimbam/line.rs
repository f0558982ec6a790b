//! A line of BIMBAM mean genotypes: the id of a SNP, allele1, allele0, and the dosage of allele1 in each individual.
//!
//! Fields are separated by runs of commas, spaces and tabs, as in GEMMA. Source: BIMBAM manual, section 3.1.2.

use std::path::Path;

use super::super::decimal::decimal;
use super::super::fields::{has_repeated_delimiter, table_fields};
use super::super::suspect;
use super::super::text::{Lines, count, looks_like_header, quoted};
use crate::error::{Error, Result};

/// Fields before the dosages.
const N_NAMES: usize = 3;

/// Reads the number of individuals in the first line of the genotypes at `path`.
///
/// Fails if the file is empty or of another format.
pub(crate) fn n_individuals(path: &Path) -> Result<usize> {
    let mut lines = Lines::open_at(path, None)?;
    let Some((_, text)) = lines.next_line()? else {
        return Err(Error::malformed(
            path,
            "the file lists no SNPs",
            "give BIMBAM mean genotypes, with one line per SNP",
        ));
    };
    let wrong = |what: &str, hint: &str| Err(Error::malformed_line(path, 1, what, hint));
    if text.starts_with("##fileformat=VCF") {
        return wrong(
            "the file is VCF, not BIMBAM mean genotypes",
            "give it with --vcf",
        );
    }
    let fields: Vec<&str> = table_fields(text).collect();
    match fields.as_slice() {
        [one] if one.parse::<u64>().is_ok() => wrong(
            "the line is a single number: this is BIMBAM's format of allele pairs, as plink1.9 --recode bimbam writes it, not mean genotypes",
            "give the PLINK files themselves with -bfile; GEMMA does not read this format either",
        ),
        [] | [_] | [_, _] | [_, _, _] => wrong(
            &format!(
                "the line has {}, expected the id of a SNP, two alleles and a dosage for each individual",
                count(fields.len(), "field")
            ),
            "give BIMBAM mean genotypes, separated by commas, spaces or tabs",
        ),
        [_, _, _, dosages @ ..] => {
            if looks_like_header(dosages.iter().copied()) {
                return wrong(
                    &format!("the first line looks like a header: {}", quoted(text)),
                    "remove the header, which BIMBAM does not have, or give a matrix with a header with --numeric",
                );
            }
            Ok(dosages.len())
        }
    }
}

/// Parses a line: fills `dosages` with a value for each individual, NaN if it is missing, and returns the id, allele1
/// and allele0.
///
/// Fails if the number of fields differs, or if a dosage is neither `NA` nor a number from 0 to 2.
pub(crate) fn parse<'a>(
    path: &Path,
    line: u64,
    text: &'a str,
    dosages: &mut [f64],
) -> Result<[&'a str; N_NAMES]> {
    let mut rest = text.as_bytes();
    let mut names = [""; N_NAMES];
    for name in &mut names {
        let field = next_field(&mut rest);
        // A separator is ASCII, so the field is whole characters.
        *name = std::str::from_utf8(field).unwrap_or_default();
    }
    for (i, dosage) in dosages.iter_mut().enumerate() {
        let field = next_field(&mut rest);
        *dosage = match field {
            b"0" => 0.0,
            b"1" => 1.0,
            b"2" => 2.0,
            b"NA" => f64::NAN,
            b"" => return Err(other_width(path, line, text, dosages.len())),
            _ => match decimal(field) {
                // Adding 0 turns -0 into 0.
                Some(x) if (0.0..=2.0).contains(&x) => x + 0.0,
                found => {
                    let field = String::from_utf8_lossy(field);
                    return Err(no_dosage(path, line, names[0], i, &field, found.is_some()));
                }
            },
        };
    }
    if !next_field(&mut rest).is_empty() {
        return Err(other_width(path, line, text, dosages.len()));
    }
    Ok(names)
}

/// The next field of a line, which is then removed from `rest`; empty at the end.
#[inline]
fn next_field<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let is_separator = |byte: &u8| matches!(byte, b',' | b' ' | b'\t');
    let bytes = *rest;
    let start = bytes.iter().position(|byte| !is_separator(byte));
    let bytes = &bytes[start.unwrap_or(bytes.len())..];
    let end = bytes.iter().position(is_separator).unwrap_or(bytes.len());
    *rest = &bytes[end..];
    &bytes[..end]
}

fn other_width(path: &Path, line: u64, text: &str, n: usize) -> Error {
    let fields: Vec<&str> = table_fields(text).collect();
    let id = fields.first().copied().unwrap_or_default();
    let has_empty = text
        .split(|c: char| !matches!(c, ',' | ' ' | '\t'))
        .any(|separators| has_repeated_delimiter(separators.as_bytes()));
    Error::malformed_line(
        path,
        line,
        format!(
            "SNP {id} has {}, but line 1 has genotypes of {}{}",
            match fields.len().checked_sub(N_NAMES) {
                Some(n) => count(n, "genotype"),
                None => format!("only {}", count(fields.len(), "field")),
            },
            count(n, "individual"),
            if has_empty {
                "; two separators have nothing between them"
            } else {
                ""
            }
        ),
        "give the id, two alleles and a genotype of each individual on every line, and write NA for a missing genotype",
    )
}

fn no_dosage(
    path: &Path,
    line: u64,
    id: &str,
    individual: usize,
    field: &str,
    is_number: bool,
) -> Error {
    let what = format!(
        "the genotype of individual {} at SNP {id} is {}, expected a dosage from 0 to 2, or NA",
        individual + 1,
        quoted(field)
    );
    if is_number {
        let hint = "correct the value; predictors that are not dosages can be given as a matrix with a header: --numeric FILE --no-dosage-range";
        return Error::malformed_line(path, line, what, hint);
    }
    let (what, hint) = suspect::explained(
        what,
        field,
        "write NA for a missing genotype; GEMMA reads other text as 0",
    );
    Error::malformed_line(path, line, what, hint)
}

#[cfg(test)]
mod tests {
    use super::super::super::text::testing::{assert_fails, file, gzip};
    use super::*;

    fn parsed(text: &str, n: usize) -> Result<(Vec<String>, Vec<f64>)> {
        let mut dosages = vec![9.0; n];
        let names = parse(Path::new("g.txt"), 4, text, &mut dosages)?;
        Ok((names.map(str::to_owned).to_vec(), dosages))
    }

    #[test]
    fn every_separator_gives_the_same_dosages() {
        for text in [
            "rs1,A,G,0,1.25,NA,2",
            "rs1 A G 0 1.25 NA 2",
            "rs1\tA\tG\t0\t1.25\tNA\t2",
            "  rs1, A,G , 0.0,\t1.250  NA 2.  ",
        ] {
            let (names, dosages) = parsed(text, 4).unwrap();
            assert_eq!(names, ["rs1", "A", "G"]);
            assert_eq!([dosages[0], dosages[1], dosages[3]], [0.0, 1.25, 2.0]);
            assert!(dosages[2].is_nan());
        }
    }

    #[test]
    fn what_is_no_dosage_is_named_with_line_snp_and_individual() {
        for (value, hint) in [
            ("2.1", "--numeric FILE --no-dosage-range"),
            ("-0.5", "--no-dosage-range"),
            ("?", "write NA"),
            ("na", "write NA"),
            ("NA1", "write NA"),
            ("nan", "write NA"),
            ("inf", "write NA"),
            (".", "write NA"),
            ("\"1\"", "without quotes"),
        ] {
            assert_fails(
                parsed(&format!("rs7 A G 0 {value} 1"), 3),
                &[
                    "g.txt:4: the genotype of individual 2 at SNP rs7 is ",
                    "expected a dosage from 0 to 2",
                    hint,
                ],
            );
        }
        assert_eq!(parsed("rs7 A G -0", 1).unwrap().1[0].to_bits(), 0);
    }

    #[test]
    fn another_number_of_genotypes_is_an_error() {
        let short = "g.txt:4: SNP rs1 has 2 genotypes, but line 1 has genotypes of 3 individuals";
        assert_fails(parsed("rs1 A G 0 1", 3), &[short]);
        assert_fails(parsed("rs1,A,G,0,,1", 3), &[short, "nothing between them"]);
        assert_fails(parsed("rs1 A G 0 1 2 0", 3), &["has 4 genotypes"]);
        assert_fails(parsed("rs1 A", 3), &["has only 2 fields"]);
    }

    #[test]
    fn the_first_line_gives_the_number_of_individuals() {
        let n = |content: &[u8]| n_individuals(file(content).path());
        assert_eq!(n(b"rs1, A, G, 0, 1, 2\n").unwrap(), 3);
        assert_eq!(n(&gzip("rs1 A G NA\nrs2 A G 1")).unwrap(), 1);
        for (content, parts) in [
            ("", ["lists no SNPs", "mean genotypes"]),
            (
                "12\n30\nIND,rs1\n",
                [":1: the line is a single number", "-bfile"],
            ),
            ("rs1 A G\n", ["has 3 fields", "mean genotypes"]),
            ("id a1 a0 i1 i2\n", ["looks like a header", "--numeric"]),
            ("##fileformat=VCFv4.2\n", ["the file is VCF", "--vcf"]),
        ] {
            assert_fails(n(content.as_bytes()), &parts);
        }
    }
}
