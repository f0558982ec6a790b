//! The `--effect-allele` file: the allele to count for each SNP.

use std::collections::HashMap;
use std::path::Path;

use super::text::{Lines, fields, quoted};
use crate::error::{Error, Result};

/// Names of the first column in headers.
const HEADERS: [&str; 11] = [
    "snp",
    "snpid",
    "snp_id",
    "id",
    "rs",
    "rsid",
    "rs_id",
    "variant",
    "variant_id",
    "marker",
    "markername",
];
const HINT: &str =
    "write the id of a SNP and the allele to count on each line, separated by a space or a tab";

/// The allele to count for each SNP, by id.
pub type EffectAlleles = HashMap<Box<str>, Box<str>>;

/// Reads SNP id and allele in the first two columns, separated by spaces or tabs; further columns are ignored.
///
/// A first line that starts with `#` or with a name such as `SNP` or `ID` is a header. Fails on a line without an
/// allele, a SNP with two alleles, and a file without SNPs.
pub fn read_effect_alleles(path: &Path) -> Result<EffectAlleles> {
    let mut lines = Lines::open(path)?;
    let mut alleles = EffectAlleles::new();
    while let Some((line, text)) = lines.next_line()? {
        let mut fields = fields(text);
        let id = fields.next().unwrap_or_default();
        let is_name = || HEADERS.iter().any(|name| id.eq_ignore_ascii_case(name));
        if line == 1 && (id.starts_with('#') || is_name()) {
            continue;
        }
        let Some(allele) = fields.next() else {
            let what = format!("SNP {} has no allele", quoted(id));
            return Err(Error::malformed_line(path, line, what, HINT));
        };
        if let Some(other) = alleles.get(id)
            && !other.eq_ignore_ascii_case(allele)
        {
            return Err(Error::malformed_line(
                path,
                line,
                format!("SNP {} has two alleles, {other} and {allele}", quoted(id)),
                "list each SNP once",
            ));
        }
        alleles.insert(id.into(), allele.into());
    }
    if alleles.is_empty() {
        return Err(Error::malformed(path, "the file lists no SNPs", HINT));
    }
    Ok(alleles)
}

#[cfg(test)]
mod tests {
    use super::super::text::testing::{assert_fails, file, gzip};
    use super::*;

    fn read(content: impl AsRef<[u8]>) -> Result<EffectAlleles> {
        read_effect_alleles(file(content).path())
    }

    #[test]
    fn the_first_two_columns_are_id_and_allele() {
        let expected: EffectAlleles = [("rs1", "A"), ("rs2", "TG")]
            .map(|(id, allele)| (id.into(), allele.into()))
            .into();
        for text in [
            "rs1 A\nrs2\tTG\n",
            "rs1 A 7\nrs2 TG x\nrs1 A\n",
            "SNP A1\nrs1 A\nrs2 TG\n",
            "#ID ALT\nrs1 A\r\nrs2 TG",
        ] {
            assert_eq!(read(text).unwrap(), expected);
            assert_eq!(read(gzip(text)).unwrap(), expected);
        }
    }

    #[test]
    fn a_snp_without_an_allele_or_with_two_is_an_error() {
        assert_fails(read("rs1 A\nrs2\n"), &[":2: SNP \"rs2\" has no allele"]);
        assert_fails(
            read("rs1 A\nrs1 C\n"),
            &[":2: SNP \"rs1\" has two alleles, A and C"],
        );
        assert_fails(read("SNP A1\n"), &["lists no SNPs"]);
    }
}
