//! The design matrix W: covariates of the analysed individuals with exactly one intercept.

use super::categories::varying;
use super::column::Column;
use super::condition::ConditionSnp;
use super::shift::Shift;
use crate::error::{Error, Result};
use crate::io::table::CovariateTable;
use crate::io::text::count;
use crate::kernels::OrthonormalBasis;
use crate::kernels::orthonormal::dot;
use faer::Mat;
use std::ops::Range;
use std::path::Path;

/// The name of a column of ones that is added.
const INTERCEPT: &str = "intercept";

/// The covariates of a run besides the intercept.
#[derive(Debug, Clone, Copy, Default)]
pub struct Covariates<'a> {
    /// The table and the path of its file.
    pub table: Option<(&'a CovariateTable, &'a Path)>,
    /// SNPs, which follow the covariates of the table.
    pub snps: &'a [ConditionSnp],
}

impl Covariates<'_> {
    /// What messages call them.
    fn name(&self) -> String {
        let path = self.table.map(|(_, path)| path.display().to_string());
        let mut options: Vec<String> = self.snps.iter().map(|snp| snp.option.into()).collect();
        options.dedup();
        let names: Vec<String> = path.into_iter().chain(options).collect();
        names.join(" and ")
    }
}

/// W with the names of its columns.
#[derive(Debug, Clone)]
pub struct Design {
    /// n × c.
    pub w: Mat<f64>,
    /// `intercept`, `covariate 1`, …: the column of the file from which each column of W was read.
    pub names: Vec<String>,
    /// What was added or excluded, as sentences for the log.
    pub notes: Vec<String>,
    /// Orthonormal basis of W.
    pub basis: OrthonormalBasis,
}

impl Design {
    /// Covariates of the individuals at `rows`, with GEMMA's rules for the intercept, of which 1 and 3 are corrected:
    ///
    /// 1. all columns constant: one column of 1s. GEMMA keeps the value of the first column, which only divides its
    ///    effect;
    /// 2. no constant column: a column of 1s is appended as the last;
    /// 3. otherwise the first constant column that is not 0 is kept as the intercept. Columns of zeros and further
    ///    constant columns add nothing and are excluded, with a note; GEMMA stops at a singular matrix.
    ///
    /// Named covariates have a simpler rule: constant columns are excluded with a note, and a column of 1s is the last.
    ///
    /// The SNPs are covariates like those of the table: the result is that of a table with their columns.
    ///
    /// Fails with [`Error::Degenerate`] if a column is a linear combination of others, which the error names, if a
    /// column is too large or too small to be squared, or if there are more columns than individuals.
    pub fn new(covariates: Covariates<'_>, rows: &[usize]) -> Result<Self> {
        let table = covariates.table;
        let n = rows.len();
        let ones = || Column {
            name: INTERCEPT.into(),
            values: vec![1.0; n],
        };
        let mut notes = Vec::new();
        let mut snps = Vec::new();
        for snp in covariates.snps {
            snps.extend(snp.column(rows, &mut notes)?);
        }
        let snps = snps.into_iter();
        let mut columns: Vec<Column> = match table {
            None => snps.chain([ones()]).collect(),
            Some((table, _)) if table.is_named() => {
                let columns = varying(read_columns(table, rows), table.categories(), &mut notes);
                columns.into_iter().chain(snps).chain([ones()]).collect()
            }
            Some((table, _)) => {
                let columns = read_columns(table, rows).into_iter().chain(snps);
                with_intercept(columns.collect(), ones, &mut notes)
            }
        };
        let path = covariates.name();
        if columns.len() > n {
            return Err(Error::degenerate(
                format!(
                    "{path}: too few individuals: {n} analysed, but {} (with the intercept) need at least {}",
                    count(columns.len(), "covariate"),
                    columns.len() + 2
                ),
                "analyse more individuals (see -n for the phenotype column) or use fewer covariates",
            ));
        }
        if let Some(column) = columns
            .iter()
            .find(|c| !dot(&c.values, &c.values).is_normal())
        {
            let largest = column
                .values
                .iter()
                .fold(0.0_f64, |max, x| max.max(x.abs()));
            return Err(Error::degenerate(
                format!(
                    "{path}: {} cannot be squared in double precision: its largest absolute value is {largest:e}",
                    column.name
                ),
                "check that value, or give the covariate in another unit",
            ));
        }
        for column in &mut columns {
            if let Some(shift) = Shift::apply(&mut column.values) {
                let name = format!("{path}: {}", column.name);
                shift.check(&name)?;
                notes.push(shift.note(&name));
            }
        }
        let values: Vec<Vec<f64>> = columns.iter().map(|c| c.values.clone()).collect();
        let basis = OrthonormalBasis::of(&values).map_err(|dependent| {
            let names = |of: &[usize]| {
                of.iter().map(|&k| columns[k].name.as_str()).collect::<Vec<_>>().join(", ")
            };
            Error::degenerate(
                format!(
                    "{path}: among the {n} analysed individuals, {} is a linear combination of {}",
                    columns[dependent.column].name,
                    names(&dependent.of)
                ),
                "remove one of these columns; omit one level from the indicator columns of a category",
            )
        })?;
        let w = Mat::from_fn(n, columns.len(), |i, j| columns[j].values[i]);
        Ok(Self {
            w,
            names: columns.into_iter().map(|c| c.name).collect(),
            notes,
            basis,
        })
    }

    /// Number of covariates, including the intercept.
    #[must_use]
    pub fn c(&self) -> usize {
        self.names.len()
    }

    /// The columns of the last `count` SNPs among the covariates; only an intercept that was added follows them.
    ///
    /// # Panics
    /// If there are fewer columns.
    #[must_use]
    pub fn last_snps(&self, count: usize) -> Range<usize> {
        let has_ones = self.names.last().is_some_and(|name| name == INTERCEPT);
        let end = self.c() - usize::from(has_ones);
        end - count..end
    }

    /// Effects of the covariates on y in ordinary least squares without a SNP, and their standard errors.
    ///
    /// β̂ = R⁻¹Qᵀy with W = QR, se(β̂ⱼ) = (RSS / (n − c) · [(WᵀW)⁻¹]ⱼⱼ)^½, RSS = |y − QQᵀy|²
    ///
    /// * `y`: n values
    ///
    /// Source: Searle 1971, Linear Models, chapter 3.
    #[must_use]
    pub fn least_squares(&self, y: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let (n, c) = (y.len(), self.c());
        let mut residual = y.to_vec();
        let coefficients = self.basis.remove_from(&mut residual);
        let variance = dot(&residual, &residual) / (n - c) as f64;
        // Column k of R⁻¹; the sum of squares of its row j is [(WᵀW)⁻¹]ⱼⱼ.
        let inverse: Vec<Vec<f64>> = (0..c)
            .map(|k| {
                let mut unit = vec![0.0; c];
                unit[k] = 1.0;
                self.basis.coefficients_of_columns(&unit)
            })
            .collect();
        let factor = |j: usize| {
            inverse
                .iter()
                .map(|column| column[j] * column[j])
                .sum::<f64>()
        };
        let se = (0..c).map(|j| (variance * factor(j)).sqrt()).collect();
        (self.basis.coefficients_of_columns(&coefficients), se)
    }
}

fn read_columns(table: &CovariateTable, rows: &[usize]) -> Vec<Column> {
    (0..table.n_columns())
        .map(|j| Column {
            name: table.name(j),
            values: rows
                .iter()
                .map(|&i| table.row(i).expect("analysed individuals have covariates")[j])
                .collect(),
        })
        .collect()
}

fn with_intercept(
    columns: Vec<Column>,
    ones: impl Fn() -> Column,
    notes: &mut Vec<String>,
) -> Vec<Column> {
    if columns.iter().all(Column::is_constant) {
        if columns.iter().any(|c| c.values[0] != 1.0) || columns.len() > 1 {
            notes.push(
                "all covariates are constant among the analysed individuals and are replaced by one intercept of 1s".into(),
            );
        }
        return vec![ones()];
    }
    let mut kept = Vec::with_capacity(columns.len() + 1);
    let mut has_intercept = false;
    for column in columns {
        if !column.is_constant() {
            kept.push(column);
        } else if column.values[0] == 0.0 {
            notes.push(format!(
                "{} is 0 for every analysed individual and is excluded",
                column.name
            ));
        } else if has_intercept {
            notes.push(format!(
                "{} is constant among the analysed individuals, like the intercept, and is excluded",
                column.name
            ));
        } else {
            has_intercept = true;
            kept.push(column);
        }
    }
    if !has_intercept {
        notes.push("no intercept was found in the covariate file: a column of 1s is added".into());
        kept.push(ones());
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn design(text: &str) -> Result<Design> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let n = text.lines().count();
        let individuals: Vec<_> = (0..n)
            .map(|i| crate::io::fam::Individual {
                fid: "f".into(),
                iid: format!("i{i}").into(),
            })
            .collect();
        let (table, _) = crate::io::table::read_covariates(file.path(), &individuals)?;
        let kept: Vec<usize> = (0..n).filter(|&i| table.row(i).is_some()).collect();
        let covariates = Covariates {
            table: Some((&table, file.path())),
            snps: &[],
        };
        Design::new(covariates, &kept)
    }

    #[test]
    fn an_intercept_is_added_last_only_if_there_is_none() {
        let added = design("1.5 2\n2 3\n3 7\n").unwrap();
        assert_eq!(added.names, ["covariate 1", "covariate 2", "intercept"]);
        assert_eq!(added.notes.len(), 1);
        let own = design("1 2\n1 3\n1 5\n").unwrap();
        assert_eq!((own.names.len(), own.notes.len()), (2, 0));
        // A constant of 5 is kept if another column varies, as in GEMMA.
        assert_eq!(design("5 2\n5 3\n5 7\n").unwrap().w[(0, 0)], 5.0);
    }

    #[test]
    fn constants_alone_become_one_intercept_of_ones() {
        let only = design("5 0\n5 0\n5 0\n").unwrap();
        assert_eq!((only.c(), only.w[(2, 0)]), (1, 1.0));
    }

    #[test]
    fn zeros_and_repeated_constants_are_excluded_with_a_note() {
        let design = design("1 0 2 7\n1 0 3 7\n1 0 9 7\n").unwrap();
        assert_eq!(design.names, ["covariate 1", "covariate 3"]);
        assert_eq!(design.notes.len(), 2);
    }

    #[test]
    fn dependent_columns_are_an_error_that_names_them() {
        let text = design("1 2 4\n1 3 6\n1 5 10\n1 9 18\n")
            .unwrap_err()
            .to_string();
        assert!(
            text.contains("covariate 3 is a linear combination of covariate 2"),
            "{text}"
        );
    }

    #[test]
    fn huge_values_and_too_many_columns_are_errors() {
        let text = design("1 1e300\n1 3\n1 5\n").unwrap_err().to_string();
        assert!(
            text.contains("covariate 2 cannot be squared") && text.contains("1e300"),
            "{text}"
        );
        let text = design("1 2 4 7\n1 3 6 1\n1 5 9 2\n")
            .unwrap_err()
            .to_string();
        assert!(text.contains("3 analysed, but 4 covariates"), "{text}");
    }
}
