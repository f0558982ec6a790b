//! The header of a numeric matrix: which way it lies, and what its first columns are.

use std::collections::HashMap;
use std::path::Path;

use super::super::individual::Individual;
use super::super::text::{Lines, quoted};
use super::cells::Delimiter;
use crate::error::{Error, Result};

/// A property of a SNP that a column gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SnpColumn {
    Id,
    Chromosome,
    Position,
    Allele1,
    Allele0,
    /// Not used, such as cM.
    Other,
}

/// What the rows of a matrix are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rows {
    /// Individuals, with an FID if there is a column for it, after columns that are not used.
    Individuals {
        fid: Option<usize>,
        iid: usize,
        n_columns: usize,
    },
    /// SNPs, with the properties in the first columns.
    Snps { columns: Vec<SnpColumn> },
    /// SNPs of HapMap text.
    HapMap,
}

impl Rows {
    /// Number of columns before the values.
    pub(crate) fn n_columns(&self) -> usize {
        match self {
            Self::Individuals { n_columns, .. } => *n_columns,
            Self::Snps { columns } => columns.len(),
            Self::HapMap => HAPMAP_COLUMNS,
        }
    }
}

/// Columns of HapMap text before the individuals.
const HAPMAP_COLUMNS: usize = 11;

/// The header of a matrix.
#[derive(Debug, Clone)]
pub(crate) struct Header {
    pub(crate) delimiter: Delimiter,
    pub(crate) rows: Rows,
    /// Lines up to the header.
    pub(crate) n_lines: u64,
    /// The names of the columns of values: SNPs or individuals.
    pub(crate) names: Vec<Box<str>>,
}

impl Header {
    /// Reads the header of the matrix at `path`.
    ///
    /// * `is_snp`: whether an id is that of a SNP, if a map of SNPs is given
    ///
    /// Fails if the header does not say what the rows are, or if it names no or repeated columns of values.
    pub(crate) fn read(path: &Path, is_snp: Option<&dyn Fn(&str) -> bool>) -> Result<Self> {
        let mut lines = Lines::open_at(path, None)?;
        let mut n_lines = 0;
        let text = loop {
            let Some((line, text)) = lines.next_line()? else {
                return Err(Error::malformed(
                    path,
                    "the file has no header",
                    "give a matrix with ids in the first row and the first column",
                ));
            };
            n_lines = n_lines.max(line);
            // TASSEL writes the kind of the table on a line of its own.
            if !text.trim().eq_ignore_ascii_case("<numeric>") {
                break text.to_owned();
            }
        };
        let delimiter = Delimiter::of(&text);
        Self::of(path, n_lines, delimiter, &delimiter.cells(&text), is_snp)
    }

    /// The header of a table whose columns have these names.
    #[cfg(feature = "tables")]
    pub(super) fn of_names(
        path: &Path,
        names: &[&str],
        is_snp: Option<&dyn Fn(&str) -> bool>,
    ) -> Result<Self> {
        Self::of(path, 1, Delimiter::Tab, names, is_snp)
    }

    fn of(
        path: &Path,
        n_lines: u64,
        delimiter: Delimiter,
        cells: &[&str],
        is_snp: Option<&dyn Fn(&str) -> bool>,
    ) -> Result<Self> {
        let rows = rows_of(cells, is_snp).ok_or_else(|| unknown(path, n_lines, cells))?;
        let names: Vec<Box<str>> = (cells.iter().skip(rows.n_columns()))
            .map(|&cell| cell.into())
            .collect();
        let header = Self {
            delimiter,
            rows,
            n_lines,
            names,
        };
        header.check_names(path)?;
        Ok(header)
    }

    /// What the columns of values are.
    fn noun(&self) -> &'static str {
        match self.rows {
            Rows::Individuals { .. } => "SNP",
            Rows::Snps { .. } | Rows::HapMap => "individual",
        }
    }

    fn check_names(&self, path: &Path) -> Result<()> {
        let (noun, first) = (self.noun(), self.rows.n_columns() + 1);
        if self.names.is_empty() {
            let what = format!("the header names no {noun}s after its first columns");
            let hint = "give a matrix with a column for each of them";
            return Err(Error::malformed_line(path, self.n_lines, what, hint));
        }
        let mut columns = HashMap::with_capacity(self.names.len());
        for (name, column) in self.names.iter().zip(first..) {
            let wrong = if name.is_empty() {
                Some(format!(
                    "column {column} has no name, expected the id of {} {noun}",
                    if noun == "SNP" { "a" } else { "an" }
                ))
            } else {
                let earlier = columns.insert(name, column);
                // SNPs may have the same id, as in a .bim.
                earlier.filter(|_| noun != "SNP").map(|earlier| {
                    format!("duplicate individual {name} in columns {earlier} and {column}")
                })
            };
            if let Some(what) = wrong {
                let hint = "give each column its own id";
                return Err(Error::malformed_line(path, self.n_lines, what, hint));
            }
        }
        Ok(())
    }

    /// The individuals that the header names.
    pub(crate) fn individuals(&self) -> Vec<Individual> {
        let one = |name: &str| Individual {
            // As PLINK writes it if there is no family id.
            fid: "0".into(),
            iid: name.into(),
        };
        self.names.iter().map(|name| one(name)).collect()
    }
}

/// What the rows are according to the cells of the header; `None` if it does not say.
fn rows_of(cells: &[&str], is_snp: Option<&dyn Fn(&str) -> bool>) -> Option<Rows> {
    let lower: Vec<String> = (cells.iter().take(16))
        .map(|cell| cell.trim_start_matches('#').to_ascii_lowercase())
        .collect();
    let is = |at: usize, names: &[&str]| lower.get(at).is_some_and(|l| names.contains(&l.as_str()));
    if is(0, &["rs", "rs#"]) && is(1, &["alleles"]) && is(2, &["chrom"]) && is(3, &["pos"]) {
        return Some(Rows::HapMap);
    }
    let individuals = |fid, iid: usize| {
        // The columns of `plink --recode A`.
        let is_raw = (["pat", "mat", "sex", "phenotype"].iter().zip(iid + 1..))
            .all(|(name, at)| is(at, &[name]));
        Some(Rows::Individuals {
            fid,
            iid,
            n_columns: iid + 1 + if is_raw { 4 } else { 0 },
        })
    };
    if is(0, &["fid"]) && is(1, &["iid"]) {
        return individuals(Some(0), 1);
    }
    if is(
        0,
        &[
            "iid",
            "taxa",
            "taxon",
            "individual",
            "<marker>",
            "<trait>",
            "<taxa>",
        ],
    ) {
        return individuals(None, 0);
    }
    let has_counted = lower.iter().any(|name| name == "counted");
    let columns: Vec<SnpColumn> = (lower.iter())
        .map_while(|name| snp_column(name, has_counted))
        .collect();
    if columns.len() > 1 || is(0, &["snp", "rs", "rsid", "rs#", "marker"]) {
        return columns
            .contains(&SnpColumn::Id)
            .then_some(Rows::Snps { columns });
    }
    // `id` may be either; the map of SNPs knows.
    let names = &cells[1.min(cells.len())..];
    match is_snp {
        Some(is_snp) if is(0, &["id"]) => {
            let n_snps = names.iter().filter(|name| is_snp(name)).count();
            if 2 * n_snps > names.len() {
                individuals(None, 0)
            } else {
                Some(Rows::Snps { columns })
            }
        }
        _ => None,
    }
}

/// The property of a SNP that a column of this name gives.
///
/// * `has_counted`: whether a column names the counted allele, as in a `.traw`; ALT is then the other one
pub(crate) fn snp_column(name: &str, has_counted: bool) -> Option<SnpColumn> {
    Some(match name {
        "id" | "snp" | "rs" | "rsid" | "rs#" | "marker" | "snp_id" | "snpid" => SnpColumn::Id,
        "chr" | "chrom" | "chromosome" => SnpColumn::Chromosome,
        "ps" | "pos" | "position" | "bp" => SnpColumn::Position,
        "alt" if has_counted => SnpColumn::Allele0,
        "allele1" | "a1" | "alt" | "counted" => SnpColumn::Allele1,
        "allele0" | "a0" | "a2" | "allele2" | "ref" => SnpColumn::Allele0,
        "cm" | "(c)m" => SnpColumn::Other,
        _ => return None,
    })
}

fn unknown(path: &Path, line: u64, cells: &[&str]) -> Error {
    let first = cells.first().copied().unwrap_or_default();
    Error::malformed_line(
        path,
        line,
        format!(
            "the name of the first column, {}, does not say whether rows are individuals or SNPs",
            quoted(first)
        ),
        "name the first column IID if rows are individuals, or SNP if rows are SNPs",
    )
}

#[cfg(test)]
mod tests {
    use super::super::super::text::testing::{assert_fails, file, gzip};
    use super::*;

    fn read(text: &str) -> Result<Header> {
        Header::read(file(gzip(text)).path(), None)
    }

    fn individuals(fid: Option<usize>, iid: usize, n_columns: usize) -> Rows {
        Rows::Individuals {
            fid,
            iid,
            n_columns,
        }
    }

    #[test]
    fn the_first_columns_say_what_the_rows_are() {
        use SnpColumn::*;
        let snps = |columns: &[SnpColumn]| Rows::Snps {
            columns: columns.to_vec(),
        };
        for (header, rows) in [
            ("FID\tIID\ta\tb", individuals(Some(0), 1, 2)),
            ("#FID IID a b", individuals(Some(0), 1, 2)),
            (
                "FID IID PAT MAT SEX PHENOTYPE a b",
                individuals(Some(0), 1, 6),
            ),
            ("IID,a,b", individuals(None, 0, 1)),
            ("taxa\ta\tb", individuals(None, 0, 1)),
            ("<Numeric>\n<Marker>\ta\tb", individuals(None, 0, 1)),
            ("<Trait> a b", individuals(None, 0, 1)),
            ("SNP,a,b", snps(&[Id])),
            ("rs chr pos a b", snps(&[Id, Chromosome, Position])),
            (
                "id\tchrom\tpos\tallele1\tallele0\ta\tb",
                snps(&[Id, Chromosome, Position, Allele1, Allele0]),
            ),
            (
                "CHR\tSNP\t(C)M\tPOS\tCOUNTED\tALT\ta\tb",
                snps(&[Chromosome, Id, Other, Position, Allele1, Allele0]),
            ),
            (
                "#chrom pos id ref alt a b",
                snps(&[Chromosome, Position, Id, Allele0, Allele1]),
            ),
            (
                "rs#\talleles\tchrom\tpos\tstrand\tassembly#\tcenter\tprotLSID\tassayLSID\tpanel\tQCcode\ta\tb",
                Rows::HapMap,
            ),
        ] {
            let found = read(&format!("{header}\n1 2 3\n")).unwrap();
            assert_eq!(found.rows, rows, "{header}");
            assert_eq!(found.names, ["a".into(), "b".into()], "{header}");
            assert_eq!(found.n_lines, header.lines().count() as u64);
        }
    }

    #[test]
    fn a_map_of_snps_decides_what_id_means() {
        let file = file("id a b\n");
        let rows = |is_snp: bool| Header::read(file.path(), Some(&|_| is_snp)).unwrap().rows;
        assert_eq!(rows(true), individuals(None, 0, 1));
        assert_eq!(
            rows(false),
            Rows::Snps {
                columns: vec![SnpColumn::Id]
            }
        );
    }

    #[test]
    fn a_header_that_says_nothing_is_an_error() {
        for (text, parts) in [
            ("", ["no header", "first row"]),
            (
                "id a b\n",
                [
                    ":1: the name of the first column, \"id\"",
                    "name the first column IID",
                ],
            ),
            ("\"\",\"a\",\"b\"\n", ["\"\"", "or SNP"]),
            ("0 1 2\n", ["\"0\"", "or SNP"]),
            ("IID\n", ["names no SNPs", "a column for each"]),
            ("SNP,a,\n", ["column 3 has no name", "of an individual"]),
            (
                "SNP,a,b,a\n",
                ["duplicate individual a in columns 2 and 4", "own id"],
            ),
            ("chr pos a b\n", ["\"chr\"", "or SNP"]),
        ] {
            assert_fails(read(text), &parts);
        }
        assert!(read("IID a a\n").is_ok());
    }
}
