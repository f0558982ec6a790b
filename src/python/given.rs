//! Inputs in memory, from the keywords of a call.

use super::matrices::{Eigenpairs, mat_of_array, square_of_array};
use super::object::Raised;
use super::study::Study;
use crate::cli::Given;
use crate::cohort::{EnvironmentValues, Phenotype};
use crate::eigen::GivenEigen;
use crate::error::{Error, Result};
use crate::io::sex::Sex;
use crate::io::table::CovariateTable;
use crate::pipeline::{GivenKinship, Traits};
use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::conversion::FromPyObjectOwned;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use std::collections::HashSet;

/// Inputs instead of files.
#[derive(Default)]
pub(super) struct Inputs {
    /// The inputs.
    pub(super) given: Given,
    /// Exceptions of the reader of genotypes.
    pub(super) raised: Vec<Raised>,
    /// Notes for the user on these inputs.
    pub(super) notes: Vec<String>,
}

/// The names of inputs.
const NAMES: [&str; 17] = [
    "study",
    "phenotype",
    "traits",
    "covariates",
    "kinship",
    "kinship_rows",
    "kinship2",
    "kinship2_rows",
    "eigen",
    "eigen_rows",
    "snps",
    "kinship_snps",
    "gxe",
    "gxe_levels",
    "weights",
    "sexes",
    "notes",
];

/// The value of a keyword; `None` if it is absent or None.
fn item<'py, T>(keywords: &Bound<'py, PyDict>, name: &str) -> PyResult<Option<T>>
where
    T: FromPyObjectOwned<'py>,
{
    match keywords.get_item(name)? {
        Some(value) if !value.is_none() => value.extract::<T>().map(Some).map_err(Into::into),
        _ => Ok(None),
    }
}

/// The inputs among the keywords of a call:
///
/// * `traits`: several phenotypes instead of one: their names, and a column for each
/// * `study`, `phenotype`, `covariates`, `kinship`, `kinship2`, `eigen`, `snps`, `kinship_snps`: inputs instead of files
/// * `gxe`, `gxe_levels`: the environment, as numbers or as levels
/// * `weights`: weights of the individuals
/// * `sexes`: the sex of every individual, in the words of a table
/// * `kinship_rows`, `kinship2_rows`, `eigen_rows`: the row of each individual, -1 for none; if None, rows are in the order of the individuals
/// * `notes`: notes for the user on these inputs
pub(super) fn inputs(py: Python<'_>, keywords: Option<&Bound<'_, PyDict>>) -> PyResult<Inputs> {
    let Some(keywords) = keywords else {
        return Ok(Inputs::default());
    };
    for name in keywords.keys() {
        let name = name.cast_into::<PyString>()?.to_string();
        if !NAMES.contains(&name.as_str()) {
            return Err(PyTypeError::new_err(format!("there is no input {name}")));
        }
    }
    let study: Option<Bound<'_, Study>> = item(keywords, "study")?;
    let phenotype: Option<Bound<'_, PyArray1<f64>>> = item(keywords, "phenotype")?;
    let traits: Option<(Vec<String>, Bound<'_, PyArray2<f64>>)> = item(keywords, "traits")?;
    let covariates: Option<Bound<'_, PyArray2<f64>>> = item(keywords, "covariates")?;
    let kinship: Option<Bound<'_, PyArray2<f64>>> = item(keywords, "kinship")?;
    let kinship_rows: Option<Vec<i64>> = item(keywords, "kinship_rows")?;
    let kinship2: Option<Bound<'_, PyArray2<f64>>> = item(keywords, "kinship2")?;
    let kinship2_rows: Option<Vec<i64>> = item(keywords, "kinship2_rows")?;
    let eigen: Option<Eigenpairs<'_>> = item(keywords, "eigen")?;
    let eigen_rows: Option<Vec<i64>> = item(keywords, "eigen_rows")?;
    let snps: Option<HashSet<String>> = item(keywords, "snps")?;
    let kinship_snps: Option<HashSet<String>> = item(keywords, "kinship_snps")?;
    let gxe: Option<Bound<'_, PyArray1<f64>>> = item(keywords, "gxe")?;
    let gxe_levels: Option<Vec<Option<String>>> = item(keywords, "gxe_levels")?;
    let weights: Option<Bound<'_, PyArray1<f64>>> = item(keywords, "weights")?;
    let sexes: Option<Vec<Option<String>>> = item(keywords, "sexes")?;
    let notes: Option<Vec<String>> = item(keywords, "notes")?;
    let listed = |ids: HashSet<String>| ids.into_iter().map(String::into_boxed_str).collect();
    let source = study.map(|study| study.borrow().source(py)).transpose()?;
    let (source, raised) = source.map_or((None, None), |(source, raised)| (Some(source), raised));
    let raised: Vec<Raised> = raised.into_iter().collect();
    let matrix = |k: Option<Bound<'_, PyArray2<f64>>>, rows: Option<Vec<i64>>, what| {
        let square = k.map(|k| square_of_array(&k.readonly(), what)).transpose();
        square.map(|square| {
            square.map(|matrix| GivenKinship {
                matrix,
                rows: rows.map(rows_of),
            })
        })
    };
    let given = Given {
        source,
        traits: match (phenotype, traits) {
            (_, Some((names, values))) => Some(traits_of(names, &values)?),
            (Some(values), None) => Some(Traits::one(phenotype_of(&values))),
            (None, None) => None,
        },
        covariates: covariates
            .map(|values| covariates_of(&values))
            .transpose()?,
        kinship: matrix(kinship, kinship_rows, "the kinship matrix")?,
        second_kinship: matrix(kinship2, kinship2_rows, "the kinship2 matrix")?,
        eigen: eigen
            .map(|(values, vectors)| {
                mat_of_array(&vectors.readonly()).map(|vectors| GivenEigen {
                    values: values.readonly().as_array().to_vec(),
                    vectors,
                    rows: eigen_rows.map(rows_of),
                })
            })
            .transpose()?,
        snps: snps.map(listed),
        kinship_snps: kinship_snps.map(listed),
        environment: match (gxe, gxe_levels) {
            (_, Some(levels)) => {
                let levels = levels.into_iter();
                let levels = levels.map(|level| level.map(String::into_boxed_str));
                Some(EnvironmentValues::Levels(levels.collect()))
            }
            (Some(values), None) => Some(EnvironmentValues::Numbers(phenotype_of(&values))),
            (None, None) => None,
        },
        weights: weights.map(|values| EnvironmentValues::Numbers(phenotype_of(&values))),
        sexes: sexes.map(|words| {
            let sex = |word: &Option<String>| Sex::of(word.as_deref().unwrap_or_default());
            words.iter().map(sex).collect()
        }),
    };
    Ok(Inputs {
        given,
        raised,
        notes: notes.unwrap_or_default(),
    })
}

/// Rows from Python, where -1 means none.
fn rows_of(rows: Vec<i64>) -> Vec<Option<usize>> {
    rows.into_iter()
        .map(|row| usize::try_from(row).ok())
        .collect()
}

fn phenotype_of(values: &Bound<'_, PyArray1<f64>>) -> Vec<Option<f64>> {
    let values = values.readonly();
    let values = values.as_array();
    values.iter().map(|&y| (!y.is_nan()).then_some(y)).collect()
}

/// Several phenotypes, one in each column of `values`.
fn traits_of(names: Vec<String>, values: &Bound<'_, PyArray2<f64>>) -> Result<Traits> {
    let values = values.readonly();
    let values = values.as_array();
    if names.len() != values.ncols() || names.is_empty() {
        return Err(Error::inconsistent(
            format!(
                "phenotype: {} names, but {} columns",
                names.len(),
                values.ncols()
            ),
            "give a column for each phenotype",
        ));
    }
    let column = |(name, column): (String, _)| Phenotype {
        name,
        values: values
            .column(column)
            .iter()
            .map(|&y| (!y.is_nan()).then_some(y))
            .collect(),
    };
    Ok(Traits::several(
        names.into_iter().zip(0..).map(column).collect(),
    ))
}

fn covariates_of(values: &Bound<'_, PyArray2<f64>>) -> Result<CovariateTable> {
    let values = values.readonly();
    let values = values.as_array();
    if values.ncols() == 0 {
        return Err(Error::inconsistent(
            "covariates: the table has no column",
            "omit covariates; an intercept is added anyway",
        ));
    }
    let rows: Vec<f64> = values.iter().copied().collect();
    Ok(CovariateTable::of_rows(values.ncols(), &rows))
}
