//! The `.pvar` file of PLINK 2: the SNPs of the genotypes.

use std::path::Path;

use super::bim::{Snp, SnpTable, SnpTableBuilder};
use super::plink2_columns::{Columns, position};
use super::source::Source;
use super::suspect;
use super::text::{LineBatch, Lines, MANY_MORE, count, fields, for_each_batch_of, quoted};
use crate::error::{Error, Result};

/// The columns that are read.
const NAMES: [&str; 5] = ["#CHROM", "ID", "POS", "ALT", "REF"];

/// The largest position of a SNP that PLINK 2 reads.
const LAST_POSITION: i64 = 2_147_483_646;

/// Reads a `.pvar`, which may be compressed with gzip or Zstandard: allele1 is ALT, allele0 is REF.
///
/// After lines that start with `##`, a header that starts with `#CHROM` names the columns; POS, ID, REF and ALT are
/// found by name, and columns from FORMAT on are ignored. Without a header, the file is a `.bim` with six columns
/// (chromosome, id, cM, position, ALT, REF) or five (without cM). Texts are kept unchanged, also an ALT of several
/// alleles (`C,G`) or none (`.`), and ids may repeat.
///
/// * `expected`: number of SNPs of the genotypes; a file with far more lines is rejected before it is read to the end
///
/// Fails on a line with a different number of columns from the header, a position that is not an integer or above
/// 2147483646, an empty file, and a file compressed with Zstandard in a build without the feature `bgen`.
pub fn read_pvar(path: &Path, expected: Option<usize>) -> Result<SnpTable> {
    let lines = Lines::of(Source::open_or_zstd(path)?)?;
    let mut table = SnpTableBuilder::default();
    table.reserve(expected.unwrap_or_default());
    let mut columns = None;
    for_each_batch_of(lines, None, |batch, _| {
        if table.len() > expected.unwrap_or(usize::MAX).saturating_add(MANY_MORE) {
            return Err(Error::inconsistent(
                format!(
                    "{}: more than {}, but the .pgen has {}",
                    path.display(),
                    count(table.len(), "SNP"),
                    count(expected.unwrap_or_default(), "SNP")
                ),
                "the .pgen, .pvar and .psam must come from one run of plink2",
            ));
        }
        let mut first = 0;
        if columns.is_none() {
            (columns, first) = header(path, batch)?;
        }
        match &columns {
            None => Ok(()),
            Some(columns) => table.add(batch, first..batch.len(), |line, text| {
                snp(path, line, columns.cells(path, line, text)?)
            }),
        }
    })?;
    if table.len() == 0 {
        return Err(Error::malformed(
            path,
            "the file lists no SNPs",
            "give the .pvar that belongs to the .pgen, with one line per SNP",
        ));
    }
    Ok(table.finish())
}

/// The columns, if they are known from the lines of a batch, and the number of lines that are no SNPs.
fn header(path: &Path, batch: &LineBatch) -> Result<(Option<Columns<5>>, usize)> {
    for i in 0..batch.len() {
        let (line, text) = batch.get(i);
        if text.starts_with("##") {
            continue;
        }
        return Ok(if text.starts_with('#') {
            (Some(named_columns(path, line, text)?), i + 1)
        } else {
            (Some(columns_of_bim(path, line, text)?), i)
        });
    }
    Ok((None, batch.len()))
}

fn named_columns(path: &Path, line: u64, text: &str) -> Result<Columns<5>> {
    let mut names: Vec<&str> = fields(text).collect();
    if names[0] != NAMES[0] {
        return Err(Error::malformed_line(
            path,
            line,
            format!(
                "the header starts with {}, expected #CHROM",
                quoted(names[0])
            ),
            "start the header with #CHROM POS ID REF ALT, and other comments with ##",
        ));
    }
    let format = names.iter().position(|name| *name == "FORMAT");
    if let Some(format) = format {
        names.truncate(format);
    }
    let mut wanted = [0; 5];
    for (wanted, name) in wanted.iter_mut().zip(NAMES) {
        *wanted = position(path, line, &names, name)?;
    }
    Ok(Columns::new(NAMES, wanted, names.len(), format.is_some()))
}

/// The columns of a file without a header, by their number on the first line.
fn columns_of_bim(path: &Path, line: u64, text: &str) -> Result<Columns<5>> {
    match fields(text).count() {
        5 => Ok(Columns::new(NAMES, [0, 1, 2, 3, 4], 5, false)),
        n @ 6.. => Ok(Columns::new(NAMES, [0, 1, 3, 4, 5], n, false)),
        n => Err(Error::malformed_line(
            path,
            line,
            suspect::too_few(
                format!("the line has {}, expected 5 or 6", count(n, "column")),
                text,
            ),
            "start the file with a header, #CHROM POS ID REF ALT, or give the six columns of a .bim",
        )),
    }
}

#[inline]
fn snp<'a>(path: &Path, line: u64, cells: [&'a str; 5]) -> Result<Snp<'a>> {
    let [chr, rs, position, allele1, allele0] = cells;
    match position.parse() {
        Ok(ps) if ps <= LAST_POSITION => Ok(Snp {
            chr,
            rs,
            ps,
            allele1,
            allele0,
        }),
        _ => {
            let (what, hint) = suspect::explained(
                format!(
                    "the position (POS) of SNP {rs} is {}, expected an integer up to {LAST_POSITION}",
                    quoted(position)
                ),
                position,
                "write base pairs as an integer without exponent, or 0 if the position is unknown",
            );
            Err(Error::malformed_line(path, line, what, hint))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::testing::{assert_fails, file, gzip};
    use super::*;

    fn read(content: impl AsRef<[u8]>) -> Result<SnpTable> {
        read_pvar(file(content).path(), None)
    }

    const PVAR: &str = "##fileformat=VCFv4.2\n##contig=<ID=1>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tINFO\n\
                        1\t10\tv0\tA\tC,G\t.\tAC=1;N=a b\nX\t0\t.\tT\t<DEL>\t.\t\n";

    fn texts(table: &SnpTable) -> Vec<String> {
        let snps = table.iter();
        snps.map(|s| [s.chr, s.rs, &s.ps.to_string(), s.allele1, s.allele0].join(" "))
            .collect()
    }

    #[test]
    fn columns_are_found_by_name_and_texts_are_kept() {
        let expected = ["1 v0 10 C,G A", "X . 0 <DEL> T"];
        for content in [PVAR.to_owned(), PVAR.replace('\n', "\r\n")] {
            assert_eq!(texts(&read(&content).unwrap()), expected);
            assert_eq!(texts(&read(gzip(&content)).unwrap()), expected);
        }
        let vcf = "#CHROM ALT POS REF ID FORMAT i\n1 C 5 A v0 GT 0/1\n2 . 6 A v1 GT 0/0\n";
        assert_eq!(texts(&read(vcf).unwrap()), ["1 v0 5 C A", "2 v1 6 . A"]);
    }

    #[test]
    fn files_without_a_header_are_bim_files() {
        assert_eq!(
            texts(&read("1 v0 0.5 10 C A\n1\tv1\t0\t-11\t0\tA\n").unwrap()),
            ["1 v0 10 C A", "1 v1 -11 0 A"]
        );
        assert_eq!(texts(&read("1 v0 10 C A\n").unwrap()), ["1 v0 10 C A"]);
    }

    #[test]
    fn a_long_header_and_many_lines_are_read_in_pieces() {
        use std::fmt::Write as _;
        let mut content = String::new();
        (0..500).for_each(|i| writeln!(content, "##contig=<ID={i}>").unwrap());
        content.push_str("#CHROM\tPOS\tID\tREF\tALT\n");
        (0..1000).for_each(|i| writeln!(content, "{}\t{i}\trs{i}\tA\tG", i / 100).unwrap());
        let table = read(&content).unwrap();
        assert_eq!(
            (table.len(), table.get(777).ps, table.get(777).chr),
            (1000, 777, "7")
        );
    }

    #[cfg(feature = "bgen")]
    #[test]
    fn zstandard_is_recognised_by_content_and_may_have_several_frames() {
        let (one, two) = PVAR.split_at(60);
        let frame = |text: &str| zstd::encode_all(text.as_bytes(), 1).unwrap();
        let whole = [frame(one), frame(two)].concat();
        assert_eq!(read(&whole).unwrap().len(), 2);
        let cut = &whole[..whole.len() - 3];
        assert_fails(read(cut), &["Zstandard data", "copy"]);
        let mut damaged = whole.clone();
        damaged[20] ^= 0xff;
        assert!(read(damaged).is_err() || cfg!(miri));
    }

    #[cfg(not(feature = "bgen"))]
    #[test]
    fn zstandard_without_the_feature_is_named() {
        assert_fails(
            read(b"\x28\xb5\x2f\xfd\x04"),
            &["this build", "feature `bgen`", "unzstd", "default features"],
        );
    }

    #[test]
    fn damaged_files_are_errors_with_a_line() {
        for (content, parts) in [
            (
                "#CHROM POS ID REF\n1 1 v A\n",
                &[":1: ", "no column ALT"][..],
            ),
            (
                "#CHROM POS ID REF ALT POS\n",
                &[":1: ", "POS twice", "2 and 6"],
            ),
            ("#chrom POS ID REF ALT\n", &[":1: ", "expected #CHROM"]),
            ("1 v0 5 A\n", &[":1: ", "4 columns, expected 5 or 6"]),
            (
                "1 v0 0 5 A C\n1 v0 0 5 A\n",
                &[":2: ", "5 columns, expected 6"],
            ),
            (
                "1 v0 0 5 A C\n1 v0 0 1e5 A C\n",
                &[":2: ", "1e5", "exponent"],
            ),
            ("1 v0 0 2147483647 A C\n", &["up to 2147483646"]),
            (
                "#CHROM\tPOS\tID\tREF\tALT\n1\t5\ta b\tA\tC\n",
                &[":2: ", "ID", "space"],
            ),
            (
                "#CHROM\tPOS\tID\tREF\tALT\n1\t5\t\tA\tC\n",
                &[":2: ", "ID is empty"],
            ),
            (
                "#CHROM POS ID REF ALT\n1 5 a b A C\n",
                &[":2: ", "6 columns"],
            ),
            ("#CHROM POS ID REF ALT\n", &["lists no SNPs"]),
            ("", &["lists no SNPs"]),
        ] {
            assert_fails(read(content), parts);
        }
        let many = "1 v0 10 C A\n".repeat(MANY_MORE + 2000);
        assert_fails(
            read_pvar(file(many).path(), Some(3)),
            &["more than", "the .pgen has 3 SNPs"],
        );
    }
}
