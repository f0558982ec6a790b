//! The tests of a run.

use super::values::Options;
use crate::assoc::several::SnpDesign;
use crate::genotype::{Coding, GeneticModel};
use crate::kernels::Precision;
use crate::method::MethodOptions;
use crate::null::LambdaRange;
use crate::output::json::Json;
use crate::pipeline::job::{Analysis, Association};

/// GEMMA's number of the analysis that fits a null model and tests nothing.
const NO_TESTS: usize = 5;

fn design(of: SnpDesign) -> &'static str {
    match of {
        SnpDesign::Single => "single",
        SnpDesign::Interaction => "interaction",
        SnpDesign::Genotypic => "genotypic",
    }
}

fn precision(of: Precision) -> &'static str {
    match of {
        Precision::F64 => "f64",
        Precision::F32 => "f32",
    }
}

/// The value of `--model`.
fn model(of: &Association) -> &'static str {
    let models = [
        GeneticModel::Dominant,
        GeneticModel::Recessive,
        GeneticModel::Overdominant,
    ];
    let model = match of.method.design() {
        SnpDesign::Genotypic => GeneticModel::Genotypic,
        _ => (models.into_iter())
            .find(|model| model.coding() == of.coding && of.coding != Coding::ADDITIVE)
            .unwrap_or_default(),
    };
    model.name()
}

fn lambda(range: Option<LambdaRange>) -> Json {
    let Some(LambdaRange {
        min,
        max,
        intervals,
    }) = range
    else {
        return Json::Null;
    };
    Json::object([
        ("min", min.into()),
        ("max", max.into()),
        ("intervals", intervals.into()),
    ])
}

/// What the analysis fits and tests; null if it does neither.
pub(crate) fn method(analysis: &Analysis) -> Json {
    let of_residuals = |range: &LambdaRange| {
        Json::object([
            ("name", "lmm".into()),
            ("tests", Json::List(Vec::new())),
            ("design", Json::Null),
            ("model", Json::Null),
            ("lambda", lambda(Some(*range))),
            ("rotation", Json::Null),
            ("columns", Json::List(Vec::new())),
        ])
    };
    let association = match analysis {
        Analysis::Kinship(_) | Analysis::Eigen(_) => return Json::Null,
        Analysis::Residuals { range, .. } => return of_residuals(range),
        Analysis::Association(association) => association,
    };
    let method = &association.method;
    let options = method.options();
    let columns = method.columns();
    let columns = columns.iter().filter(|column| column.is_shown());
    let is_mixed = method.null_range().is_some();
    Json::object([
        ("name", if is_mixed { "lmm" } else { "lm" }.into()),
        ("tests", Json::list(options.tests)),
        ("design", design(method.design()).into()),
        ("model", model(association).into()),
        ("lambda", lambda(method.null_range())),
        ("rotation", options.rotation.map(precision).into()),
        (
            "columns",
            Json::list(columns.map(|column| column.name.to_string())),
        ),
    ])
}

/// The options of the analysis and of its method.
pub(super) fn options(analysis: &Analysis) -> Options {
    let (association, range) = match analysis {
        Analysis::Kinship(_) | Analysis::Eigen(_) => (None, None),
        Analysis::Residuals { range, .. } => (None, Some(*range)),
        Analysis::Association(of) => (Some(of), of.method.null_range()),
    };
    let MethodOptions {
        mode,
        tests: _,
        rotation,
        log10p,
        effects,
        gxe_effects,
    } = association.map_or_else(MethodOptions::default, |of| of.method.options());
    let [lmm, lm] = match analysis {
        Analysis::Residuals { .. } => [Some(NO_TESTS), None],
        _ if range.is_some() => [mode, None],
        _ => [None, mode],
    };
    vec![
        ("eigen", matches!(analysis, Analysis::Eigen(_)).into()),
        ("lmm", lmm.into()),
        ("lm", lm.into()),
        ("model", association.map(model).into()),
        ("lmin", range.map(|range| range.min).into()),
        ("lmax", range.map(|range| range.max).into()),
        ("region", range.map(|range| range.intervals).into()),
        ("rotation", rotation.map(precision).into()),
        ("log10p", log10p.into()),
        ("effects", effects.into()),
        ("gxe-effects", gxe_effects.into()),
        ("all-snps", association.is_some_and(|of| of.all_snps).into()),
        (
            "with-info",
            association.is_some_and(|of| of.with_info).into(),
        ),
    ]
}
