//! The `.fam` file: the individuals of the genotypes, and their phenotypes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::codes;
pub use super::individual::Individual;
use super::layout::{self, Layout, Split, TextFile, check_word};
use super::sex::Sex;
use super::suspect;
use super::text::{count, is_id_header, parse_number, quoted};
use crate::error::{Error, Result};

/// The individuals of a `.fam` in its order, and their phenotype columns as text.
#[derive(Debug, Clone)]
pub struct Fam {
    path: PathBuf,
    individuals: Vec<Individual>,
    sexes: Vec<Sex>,
    phenotypes: String, // everything after column 5 of each line, each cell followed by a tab
    ends: Vec<usize>,   // end of each individual's part
}

impl Fam {
    /// The individuals in the order of the file, which is the order of the genotypes.
    pub fn individuals(&self) -> &[Individual] {
        &self.individuals
    }

    /// The sex of every individual, column 5 of the file.
    pub fn sexes(&self) -> &[Sex] {
        &self.sexes
    }

    /// Phenotype `column` of every individual, `None` if it is missing; 1 is column 6 of the file.
    ///
    /// The text `NA` and every number equal to −9 (`-9`, `-9.0`) are missing, as in GEMMA; 0 is a value. Other columns
    /// are not parsed. Fails if an individual has no such column, or neither a finite number nor `NA` in it.
    pub fn phenotype(&self, column: usize) -> Result<Vec<Option<f64>>> {
        assert!(column >= 1, "phenotype columns count from 1");
        (0..self.individuals.len())
            .map(|i| match self.cell(i, column) {
                None => Err(self.no_such_column(i, column)),
                Some("NA" | "") => Ok(None),
                Some(field) => match parse_number(field) {
                    None => Err(self.not_a_number(i, column, field)),
                    Some(value) => Ok((value != -9.0).then_some(value)),
                },
            })
            .collect()
    }

    /// Number of phenotype columns of the first individual.
    pub fn n_phenotypes(&self) -> usize {
        if self.ends.is_empty() {
            0
        } else {
            self.written(0).split_terminator('\t').count()
        }
    }

    /// Notes on missing-value codes among `values`, the values of phenotype `column`.
    pub fn notes(&self, column: usize, values: &[Option<f64>]) -> Vec<String> {
        codes::of_fam(&self.path, column, values, &self.individuals)
    }

    fn cell(&self, i: usize, column: usize) -> Option<&str> {
        self.written(i).split_terminator('\t').nth(column - 1)
    }

    fn written(&self, i: usize) -> &str {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.phenotypes[start..self.ends[i]]
    }

    fn no_such_column(&self, i: usize, column: usize) -> Error {
        let n_columns = self.written(i).split_terminator('\t').count();
        let hint = match n_columns {
            0 => "add a phenotype as column 6, or give phenotypes with -p".to_owned(),
            1 => "choose phenotype 1 with -n 1".to_owned(),
            n => format!("choose a phenotype from 1 to {n} with -n"),
        };
        Error::malformed_line(
            &self.path,
            i as u64 + 1,
            format!(
                "individual {} has {}, so phenotype {column} does not exist",
                self.individuals[i],
                count(n_columns, "phenotype column")
            ),
            hint,
        )
    }

    fn not_a_number(&self, i: usize, column: usize, field: &str) -> Error {
        let (what, hint) = suspect::explained(
            format!(
                "phenotype {column} (column {}) of individual {} is {}, expected a number or NA",
                column + 5,
                self.individuals[i],
                quoted(field)
            ),
            field,
            "write NA or -9 for a missing phenotype",
        );
        Error::malformed_line(&self.path, i as u64 + 1, what, hint)
    }
}

/// Reads a `.fam`: FID, IID, father, mother, sex and any number of phenotypes, separated by spaces or tabs.
///
/// Phenotypes are kept as text until [`Fam::phenotype`] parses a column. Fails on a line with fewer than five columns
/// or a different number from the first line, a duplicate individual (FID and IID), a header, an id that is empty or
/// contains a space, and an empty file. Empty cells between tabs are missing values.
pub fn read_fam(path: &Path) -> Result<Fam> {
    layout::read(path, read_split)
}

/// As [`read_fam`], for a file of which all bytes are in memory; `path` is its name in messages, perhaps a URL.
#[cfg(feature = "cloud")]
pub(crate) fn read_fam_in(path: &Path, bytes: Vec<u8>) -> Result<Fam> {
    layout::read_file(&TextFile::of_bytes(path, bytes), read_split)
}

fn read_split(file: &TextFile, split: Split<false>) -> Result<Fam> {
    let path = file.path();
    let mut lines = file.lines(split)?;
    let mut fam = Fam {
        path: path.to_path_buf(),
        individuals: Vec::new(),
        sexes: Vec::new(),
        phenotypes: String::new(),
        ends: Vec::new(),
    };
    let mut layout = None;
    while let Some((line, text)) = lines.next_line()? {
        if line == 1 {
            reject_header(path, text)?;
            reject_ids_with_spaces(path, text)?;
        }
        let layout = layout.get_or_insert_with(|| Layout::new(split, (line, text)));
        fam.add(layout, line, text)?;
        check_unique_sometimes(path, &fam.individuals)?;
    }
    if fam.individuals.is_empty() {
        return Err(Error::malformed(
            path,
            "the file lists no individuals",
            "give the .fam that belongs to the .bed, with one line per individual",
        ));
    }
    check_unique(path, &fam.individuals)?;
    Ok(fam)
}

impl Fam {
    /// Adds the individual on a line.
    fn add(&mut self, layout: &Layout<false>, line: u64, text: &str) -> Result<()> {
        let cells = match layout.row(&self.path, line, text) {
            Ok(cells) if cells.len() >= 5 => cells,
            Err(error) if layout.cells(text).len() >= 5 => return Err(error),
            _ => {
                return Err(Error::malformed_line(
                    &self.path,
                    line,
                    suspect::too_few(
                        format!(
                            "the line has {}, expected at least 5",
                            count(layout.cells(text).len(), "column")
                        ),
                        text,
                    ),
                    "write FID, IID, father, mother, sex and the phenotypes of each individual",
                ));
            }
        };
        let (fid, iid) = (cells[0], cells[1]);
        if layout.is_delimited() {
            check_word(&self.path, line, "1 (FID)", fid)?;
            check_word(&self.path, line, "2 (IID)", iid)?;
        }
        self.individuals.push(Individual {
            fid: fid.into(),
            iid: iid.into(),
        });
        self.sexes.push(Sex::of(cells[4]));
        for phenotype in &cells[5..] {
            self.phenotypes.push_str(phenotype);
            self.phenotypes.push('\t');
        }
        self.ends.push(self.phenotypes.len());
        Ok(())
    }
}

/// Fails if tabs alone give a complete line with a space in an id: splitting at spaces too would shift all columns.
fn reject_ids_with_spaces(path: &Path, text: &str) -> Result<()> {
    let cells: Vec<_> = text
        .split('\t')
        .map(|cell| cell.trim_matches(' '))
        .collect();
    let &[_, iid, _, _, _, _, ..] = cells.as_slice() else {
        return Ok(());
    };
    // If `FID IID` has a space and tabs follow, the second cell is the father, 0.
    let names = ["1 (FID)", "2 (IID)", "3 (father)", "4 (mother)", "5 (sex)"];
    let first = usize::from(iid == "0");
    for (name, cell) in names.iter().zip(&cells).skip(first) {
        if cell.contains(' ') {
            check_word(path, 1, name, cell)?;
        }
    }
    Ok(())
}

/// Fails if the first line is a header, which would shift every individual by one.
pub(super) fn reject_header(path: &Path, text: &str) -> Result<()> {
    if !is_id_header(text) {
        return Ok(());
    }
    Err(Error::malformed_line(
        path,
        1,
        format!("the first line is a header: {}", quoted(text)),
        "remove the header line: every line must describe an individual",
    ))
}

/// As [`check_unique`], at intervals while the file is read, so that an endlessly repeating file does not fill the
/// memory.
pub(super) fn check_unique_sometimes(path: &Path, individuals: &[Individual]) -> Result<()> {
    const OFTEN_ENOUGH: usize = 1 << 16;
    let n = individuals.len();
    if n >= OFTEN_ENOUGH && n.is_power_of_two() {
        check_unique(path, individuals)?;
    }
    Ok(())
}

/// Fails if an individual occurs twice in a file with one individual per line from line 1.
pub(super) fn check_unique(path: &Path, individuals: &[Individual]) -> Result<()> {
    check_unique_from(path, individuals, 1)
}

/// As [`check_unique`], with one individual per line from line `first` on.
pub(super) fn check_unique_from(path: &Path, individuals: &[Individual], first: u64) -> Result<()> {
    let mut lines = HashMap::with_capacity(individuals.len());
    for (individual, line) in individuals.iter().zip(first..) {
        if let Some(earlier) = lines.insert(individual, line) {
            return Err(Error::malformed_line(
                path,
                line,
                format!("duplicate individual {individual}, first on line {earlier}"),
                "give each individual its own pair of FID and IID",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::text::testing::{assert_fails, file, gzip};
    use super::*;

    fn read(content: impl AsRef<[u8]>) -> Result<Fam> {
        read_fam(file(content).path())
    }

    const FAM: &str =
        "f1 a 0 0 1 -9 1.5\nf1\tb\t0\t0\t2\tNA\t0\nf2 a 0 0 1  -9.0   -1e-1\nf3 c 0 0 1 2 -9.5\n";

    #[test]
    fn individuals_keep_the_order_of_the_file() {
        for content in [
            FAM.to_owned(),
            FAM.replace('\n', "\r\n"),
            FAM.trim_end().to_owned(),
        ] {
            for fam in [read(&content), read(gzip(&content))].map(Result::unwrap) {
                let names = fam.individuals().iter().map(ToString::to_string);
                assert_eq!(names.collect::<Vec<_>>(), ["f1 a", "f1 b", "f2 a", "f3 c"]);
                assert_eq!(fam.phenotype(1).unwrap(), [None, None, None, Some(2.0)]);
                assert_eq!(
                    fam.phenotype(2).unwrap(),
                    [Some(1.5), Some(0.0), Some(-0.1), Some(-9.5)]
                );
            }
        }
    }

    #[test]
    fn only_the_chosen_phenotype_is_parsed() {
        let fam = read("f a 0 0 1 junk 3\nf b 0 0 1 nan 4\n").unwrap();
        assert_eq!(fam.phenotype(2).unwrap(), [Some(3.0), Some(4.0)]);
        assert_fails(
            fam.phenotype(1),
            &[
                ":1: phenotype 1 (column 6) of individual f a is \"junk\"",
                "NA or -9",
            ],
        );
    }

    #[test]
    fn empty_cells_between_tabs_are_missing_but_not_ids() {
        let fam = read("f\ta\t0\t0\t1\t\t3\nf\tb\t\t\t\t2\t\n").unwrap();
        assert_eq!(fam.phenotype(1).unwrap(), [None, Some(2.0)]);
        assert_eq!(fam.phenotype(2).unwrap(), [Some(3.0), None]);
        assert_fails(fam.phenotype(3), &["has 2 phenotype columns"]);
        assert_fails(
            read("f\ta\t0\t0\t1\n\tb\t0\t0\t1\n"),
            &[":2: column 1 (FID) is empty"],
        );
        assert_fails(read("f\t\t0\t0\t1\t2\n"), &[":1: column 2 (IID) is empty"]);
        assert_fails(
            read("f 1\ta\t0\t0\t1\t2\nf 2\tb\t0\t0\t1\t2\n"),
            &[":1: column 1 (FID) is \"f 1\""],
        );
        for parents in ["pa 1\t0", "0\tma 1", "pa 1\tma 1"] {
            let line = |iid| format!("f\t{iid}\t{parents}\t1\t2.5\n");
            let text = [line("a"), line("b")].concat();
            assert_fails(read(text), &["a 1\": it contains a space", ":1: column "]);
        }
        assert_fails(read("f\ta\t0\t0\tfe male\t2\n"), &["column 5 (sex)"]);
        // Tabs and spaces mixed without a pattern.
        assert!(read("f a\t0\t0\t1\t2\nf\tb 0 0 1 2\n").is_ok());
    }

    #[test]
    fn words_nan_and_inf_are_errors() {
        for word in ["nan", "inf", "-inf", "na", ".", "0x1", "1e999"] {
            let fam = read(format!("f a 0 0 1 1 1\nf b 0 0 1 1 {word}\n")).unwrap();
            assert_fails(
                fam.phenotype(2),
                &[":2: phenotype 2 (column 7) of individual f b", word],
            );
        }
    }

    #[test]
    fn a_missing_column_is_an_error_with_the_number_of_columns() {
        let fam = read("f a 0 0 1\n").unwrap();
        assert_fails(
            fam.phenotype(1),
            &[":1: individual f a has 0 phenotype columns", "-p"],
        );
        let fam = read(FAM).unwrap();
        assert_fails(
            fam.phenotype(3),
            &[
                "2 phenotype columns, so phenotype 3 does not",
                "from 1 to 2",
            ],
        );
        assert_fails(
            read("f a 0 0 1 1 1\nf b 0 0 1 1\n"),
            &[":2: the line has 6 columns, but line 1 has 7"],
        );
    }

    #[test]
    fn short_lines_duplicates_and_empty_files_are_errors() {
        assert_fails(
            read("f a 0 0 1\nf b 0 0\n"),
            &[":2: the line has 4 columns, expected at least 5"],
        );
        assert_fails(
            read("f a 0 0 1\nf b 0 0 1\nf a 0 0 1\n"),
            &[
                ":3: duplicate individual f a, first on line 1",
                "FID and IID",
            ],
        );
        assert!(read("f a 0 0 1\ng a 0 0 1\n").is_ok());
        assert_fails(
            read("#FID IID PAT MAT SEX PHENO\nf a 0 0 1 1\n"),
            &[":1: the first line is a header", "remove"],
        );
        assert_fails(read(""), &["lists no individual"]);
    }
}
