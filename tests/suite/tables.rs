//! Tables with a header and ids (`--pheno`, `--covar`): any spelling gives the bytes of the positional files.

mod categories;
mod files;
mod mistakes;
mod models;
mod several;

use super::properties::Bench;
use super::simulate::{Random, Study};
use std::fmt::Write as _;

/// Number of individuals.
const N: usize = 60;

/// A column of a table: its name and its cells, in the order of the genotypes.
type Column = (&'static str, Vec<String>);

/// The study `s`, and its phenotypes and covariates.
struct Fixture {
    bench: Bench,
    individuals: Vec<(String, String)>,
    columns: Vec<Column>,
    /// The order of the rows in tables.
    order: Vec<usize>,
}

impl Fixture {
    /// Columns `y`, `z`, `age`, `PC1`, `PC2` of numbers, of which some are missing, and `site` of words.
    fn new() -> Self {
        let study = Study::simulate(611, N, 90);
        let mut random = Random::new(612);
        let mut numbers = |missing: &[usize]| -> Vec<String> {
            let cell = |i: usize| {
                if missing.contains(&i) {
                    "NA".to_owned()
                } else {
                    format!("{:.5}", random.normal())
                }
            };
            (0..N).map(cell).collect()
        };
        let mut y = study.phenotype.clone();
        y[7] = "NA".into();
        let columns = vec![
            ("y", y),
            ("z", numbers(&[3, 20, 21])),
            ("age", numbers(&[11])),
            ("PC1", numbers(&[])),
            ("PC2", numbers(&[])),
            (
                "site",
                (0..N)
                    .map(|i| ["B", "A", "C", "A"][i % 4].to_owned())
                    .collect(),
            ),
        ];
        Self {
            bench: Bench::new(&study),
            individuals: study.individuals,
            columns,
            order: Random::new(613).permutation(N),
        }
    }

    fn column(&self, name: &str) -> &[String] {
        let found = self.columns.iter().find(|(one, _)| *one == name);
        &found.unwrap_or_else(|| panic!("no column {name}")).1
    }

    /// Writes a file without a header, in the order of the genotypes.
    fn write_positional(&self, file: &str, names: &[&str]) {
        let columns: Vec<&[String]> = names.iter().map(|name| self.column(name)).collect();
        let mut text = String::new();
        for i in 0..N {
            let cells: Vec<&str> = columns.iter().map(|column| column[i].as_str()).collect();
            writeln!(text, "{}", cells.join("\t")).unwrap();
        }
        self.bench.write(file, text);
    }

    /// The rows of a table, in another order, with the header `ids` and the names of all columns.
    ///
    /// * `ids`: names of one or two columns of ids; one is the IID
    fn rows(&self, ids: &[&str]) -> Vec<Vec<String>> {
        let names = self.columns.iter().map(|(name, _)| (*name).to_owned());
        let ids = ids.iter().map(|&id| id.to_owned());
        let n_ids = ids.len();
        let mut rows = vec![ids.chain(names).collect::<Vec<_>>()];
        for &i in &self.order {
            let (fid, iid) = &self.individuals[i];
            let of = if n_ids == 1 {
                vec![iid.clone()]
            } else {
                vec![fid.clone(), iid.clone()]
            };
            let cells = self.columns.iter().map(|(_, cells)| cells[i].clone());
            rows.push(of.into_iter().chain(cells).collect());
        }
        rows
    }

    /// A text table, as [`rows`](Self::rows).
    fn text(&self, ids: &[&str], separator: &str) -> String {
        let rows = self.rows(ids).into_iter();
        rows.map(|row| row.join(separator) + "\n").collect()
    }

    /// The association table of `words`, as bytes.
    fn assoc(&self, words: &str) -> Vec<u8> {
        self.bench.run(&format!("lmm -bfile s -lmm 4 {words} -o x"));
        self.bench.bytes("x.assoc.txt")
    }

    /// The log of the last run of [`assoc`](Self::assoc).
    fn log(&self) -> String {
        self.bench.log("x")
    }
}
