//! Notes on missing-value codes, such as -9, that are analysed as values.

use std::path::Path;

use super::covariate_table::CovariateTable;
use super::id_columns::named;
use super::individual::Individual;
use super::text::count;

/// Missing-value codes in common use besides `NA`; only −9 in a `.fam` is read as missing.
const MISSING_CODES: [f64; 4] = [-9.0, -99.0, -999.0, -9999.0];

/// Source of the values, for the wording of a note.
#[derive(Clone, Copy)]
pub(crate) enum Origin {
    /// A `-p` or `-c` file.
    File,
    /// A table with ids.
    Table,
    /// An array of the caller.
    Array,
}

impl Origin {
    fn words(self, option: &str) -> (String, &'static str) {
        match self {
            Self::File => (format!("a {option} file"), "NA"),
            Self::Table => (
                "a table".to_owned(),
                "NA, or declare the code with --missing-code,",
            ),
            Self::Array => ("an array".to_owned(), "NaN"),
        }
    }
}

/// Notes on phenotypes that are not from a `.fam`.
pub(crate) fn of_phenotypes(
    path: &Path,
    origin: Origin,
    values: &[Option<f64>],
    individuals: &[Individual],
) -> Vec<String> {
    let (source, na) = origin.words("-p");
    let mut notes = missing_codes(values, individuals, |code, whom, n| {
        format!(
            "{}: {code} is a value in {source}, not a missing-value code; it is analysed as such for {n} ({whom}); write {na} for a missing phenotype",
            path.display()
        )
    });
    notes.extend(case_control(
        &path.display().to_string(),
        values,
        individuals,
    ));
    notes
}

/// Notes on phenotype `column` of a `.fam`.
pub(super) fn of_fam(
    path: &Path,
    column: usize,
    values: &[Option<f64>],
    individuals: &[Individual],
) -> Vec<String> {
    let mut notes = missing_codes(values, individuals, |code, whom, n| {
        format!(
            "{}, phenotype {column}: {code} is a value, because only -9 and NA are missing; it is analysed as such for {n} ({whom})",
            path.display()
        )
    });
    let name = format!("{}, phenotype {column}", path.display());
    notes.extend(case_control(&name, values, individuals));
    notes
}

/// Notes on covariates.
pub(crate) fn of_covariates(
    path: &Path,
    origin: Origin,
    table: &CovariateTable,
    individuals: &[Individual],
) -> Vec<String> {
    let rows = || (0..table.n_individuals()).map(|i| table.row(i));
    let mut has_code = vec![false; table.n_columns()];
    for row in rows().flatten() {
        for (has_code, value) in has_code.iter_mut().zip(row) {
            *has_code |= *value <= -9.0 && MISSING_CODES.contains(value);
        }
    }
    let (source, na) = origin.words("-c");
    (0..table.n_columns())
        .filter(|&j| has_code[j])
        .flat_map(|j| {
            let column: Vec<_> = rows().map(|row| Some(row?[j])).collect();
            let name = if table.is_named() {
                table.name(j)
            } else {
                format!("column {}", table.column_in_file(j) + 1)
            };
            missing_codes(&column, individuals, |code, whom, n| {
                format!(
                    "{}, {name}: {code} is a value in {source}, not a missing-value code; it is used as such for {n} ({whom}); write {na} for a missing covariate",
                    path.display()
                )
            })
        })
        .collect()
}

fn missing_codes(
    values: &[Option<f64>],
    individuals: &[Individual],
    note: impl Fn(f64, &str, &str) -> String,
) -> Vec<String> {
    MISSING_CODES
        .iter()
        .filter_map(|&code| {
            let names = names_of(values, individuals, |value| value == code);
            let n = count(names.len(), "individual");
            (!names.is_empty()).then(|| note(code, &named(&names), &n))
        })
        .collect()
}

/// A note if all values are 0, 1 or 2, which PLINK reads as missing, control and case.
fn case_control(name: &str, values: &[Option<f64>], individuals: &[Individual]) -> Option<String> {
    let has = |x: f64| values.contains(&Some(x));
    let is_code = values.iter().flatten().all(|x| [0.0, 1.0, 2.0].contains(x));
    if !(is_code && has(0.0) && has(2.0)) {
        return None;
    }
    let names = names_of(values, individuals, |value| value == 0.0);
    Some(format!(
        "{name}: all values are 0, 1 or 2, which PLINK reads as missing, control and case; \
         as in GEMMA, 0 is a value here and is analysed as such for {} ({}); write NA, or -9 in a .fam, for a missing phenotype",
        count(names.len(), "individual"),
        named(&names)
    ))
}

fn names_of(
    values: &[Option<f64>],
    individuals: &[Individual],
    is_meant: impl Fn(f64) -> bool,
) -> Vec<String> {
    let meant = individuals.iter().zip(values);
    meant
        .filter(|(_, value)| value.is_some_and(&is_meant))
        .map(|(individual, _)| individual.to_string())
        .collect()
}
