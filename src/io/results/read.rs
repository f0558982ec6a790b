//! Reads a table of associations into memory.

use std::path::Path;

use super::columns::Recognised;
use super::program::Program;
use super::rows::{ResultRow, TakeRows, read_rows};
use super::table::{Ids, NumberColumn, ResultTable, TestColumn, Words};
use crate::error::Result;

/// Reads the table at `path`: the results of jamma, GEMMA, REGENIE, PLINK, SAIGE, GCTA, BOLT-LMM, FaST-LMM, EMMAX or METAL, or a
/// table with columns of usual names.
///
/// Fails if the file cannot be read, if its columns are not those of a table of associations, and on a row of another width
/// or with a word in place of a number.
pub fn read_results(path: &Path) -> Result<ResultTable> {
    let mut building = Building {
        table: ResultTable::empty(path),
        are_words: Vec::new(),
    };
    let tests = read_rows(path, &mut building)?;
    let mut table = building.complete();
    table.test = tests.first;
    table.n_of_other_tests = tests.n_others;
    Ok(table)
}

/// A table to which rows are added.
struct Building {
    table: ResultTable,
    /// For each column of numbers whether a cell was a word.
    are_words: Vec<bool>,
}

impl TakeRows for Building {
    fn begin(&mut self, of: &Recognised) -> Result<()> {
        let words = |column: Option<usize>| column.map(|_| Words::default());
        let tests = of.tests.iter().map(|(name, p, _)| TestColumn {
            name: name.clone(),
            neg_log10: Vec::new(),
            p: p.map(|_| NumberColumn::new(name)),
        });
        let table = &mut self.table;
        table.program = of.program;
        table.tests = tests.collect();
        table.traits = words(of.of_trait);
        table.chr = words(of.chr);
        table.ps = of.ps.map(|_| Vec::new());
        table.ids = of.id.map(|_| Ids::default());
        table.effect = words(of.effect);
        table.other = words(of.other.or(of.pair.map(|pair| pair[0])));
        table.numbers = (of.numbers.iter())
            .map(|(_, name)| NumberColumn::new(name))
            .collect();
        self.are_words = vec![false; of.numbers.len()];
        Ok(())
    }

    fn row(&mut self, row: &ResultRow<'_>) {
        let table = &mut self.table;
        let words = [
            (&mut table.traits, row.of_trait),
            (&mut table.chr, row.chr),
            (&mut table.effect, row.effect),
            (&mut table.other, row.other),
        ];
        for (words, text) in words {
            if let Some(words) = words {
                words.push(text);
            }
        }
        if let Some(all) = &mut table.ps {
            all.push(row.ps);
        }
        if let Some(ids) = &mut table.ids {
            ids.push(row.id);
        }
        let columns = table.numbers.iter_mut().zip(&mut self.are_words);
        for ((column, is_word), number) in columns.zip(row.numbers) {
            *is_word |= number.is_none();
            column.push(*number);
        }
        for (test, (p, log)) in table.tests.iter_mut().zip(row.tests) {
            if let Some(column) = &mut test.p {
                column.push(*p);
            }
            test.neg_log10.push(*log);
        }
        table.n_rows += 1;
    }
}

impl Building {
    /// The table, without columns of words.
    fn complete(self) -> ResultTable {
        let mut table = self.table;
        let columns = std::mem::take(&mut table.numbers);
        for (column, is_word) in columns.into_iter().zip(self.are_words) {
            if is_word {
                table.of_words.push(column.name);
            } else {
                table.numbers.push(column);
            }
        }
        if table.program == Program::Htp && table.is_of_binary_trait() {
            for column in &mut table.numbers {
                if column.name == "beta" {
                    column.name = "or".into();
                }
            }
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::text::testing::{assert_fails, file, gzip};

    #[test]
    fn a_table_without_header_is_that_of_emmax() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.ps");
        std::fs::write(&path, "rs1\t0.5\t0.1\t1e-5\nrs2\t-0.25\t0.2\t0.5\n").unwrap();
        let table = read_results(&path).unwrap();
        assert_eq!((table.program, table.len()), (Program::Emmax, 2));
        assert_eq!((table.id(1), table.effect_allele(1)), ("rs2", ""));
        assert_eq!(table.number("beta", 1).unwrap().value, -0.25);
        assert_eq!(table.tests[0].p(0), 1e-5);
        std::fs::write(&path, "rs1\t0.5\t1e-5\nrs2\t-0.25\n").unwrap();
        assert_fails(
            read_results(&path),
            &["x.ps:2:", "2 columns", "the first row has 3"],
        );
    }

    #[test]
    fn columns_of_words_are_named_and_rows_of_other_tests_counted() {
        let text = "#CHROM POS ID REF ALT A1 TEST OBS_CT BETA SE P NOTE\n\
                    1 5 a A G G ADD 10 0.5 0.1 0.01 fine\n\
                    1 5 a A G G sex 10 0.7 0.1 0.02 fine\n\
                    1 9 . A G A ADD 10 NA NA NA 3\n";
        for packed in [text.as_bytes().to_vec(), gzip(text.as_bytes())] {
            let file = file(packed);
            let table = read_results(file.path()).unwrap();
            assert_eq!((table.len(), table.n_of_other_tests), (2, 1));
            assert_eq!(table.test.as_deref(), Some("ADD"));
            assert_eq!(table.of_words, ["note"]);
            assert_eq!((table.effect_allele(0), table.other_allele(0)), ("G", "A"));
            assert_eq!((table.effect_allele(1), table.other_allele(1)), ("A", "G"));
            assert!(table.number("beta", 1).unwrap().value.is_nan());
            assert_eq!((table.id(1), table.ps(1)), ("", Some(9)));
        }
        let wrong = file("CHR SNP BP A1 TEST NMISS BETA STAT P\n1 a 5 A ADD 10 x 1 0.5\n");
        assert_fails(read_results(wrong.path()), &[":2:", "BETA", "not a number"]);
    }

    #[test]
    fn the_effect_of_a_binary_trait_in_the_columns_htp_is_an_odds_ratio() {
        let header = "Name Chr Pos Ref Alt Trait Cohort Model Effect LCI_Effect UCI_Effect Pval AAF Num_Cases Cases_Ref Cases_Het Cases_Alt Num_Controls Controls_Ref Controls_Het Controls_Alt Info";
        for (controls, name) in [("50 30 15 5", "or"), ("NA NA NA NA", "beta")] {
            let file = file(format!(
                "{header}\na 1 5 A G y c ADD 1.5 1.2 1.9 0.01 0.2 10 5 4 1 {controls} MAC=3\n"
            ));
            let table = read_results(file.path()).unwrap();
            assert_eq!(table.number(name, 0).unwrap().value, 1.5, "{controls}");
        }
    }
}
