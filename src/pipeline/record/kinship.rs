//! The options of kinships.

use super::values::{Options, file, path};
use crate::kinship::{KinshipKind, KinshipLayout};
use crate::output::json::Json;
use crate::pipeline::input::Input;
use crate::pipeline::job::{
    Analysis, ComputedKinship, EigenFiles, Job, KinshipFile, KinshipInput, QcOn,
};
use crate::pipeline::selection::Loco;

/// The number of a layout (`-km`).
fn layout(of: KinshipLayout) -> usize {
    match of {
        KinshipLayout::Square => 1,
        KinshipLayout::Triplets => 2,
    }
}

/// A kinship file and its layout.
fn kinship_file(file: Option<&KinshipFile>) -> [Json; 2] {
    [
        file.map(|of| path(&of.path)).into(),
        file.map(|of| layout(of.layout)).into(),
    ]
}

/// The first kinship: a file, or how it is computed.
pub(super) fn kinship(analysis: &Analysis) -> Options {
    let (matrix, eigen) = match analysis.kinship() {
        Some(KinshipInput::Matrix(Input::File(file))) => (Some(file), None),
        Some(KinshipInput::Eigen(Input::File(files))) => (None, Some(files)),
        _ => (None, None),
    };
    let [k, km] = kinship_file(matrix);
    let (values, vectors) = match eigen {
        Some(EigenFiles { values, vectors }) => (path(values), path(vectors)),
        None => (Json::Null, Json::Null),
    };
    let computed = analysis.computed_kinship();
    let kind = computed.map(|ComputedKinship { kind, .. }| match kind {
        KinshipKind::Centred => 1_usize,
        KinshipKind::Standardised => 2,
    });
    let qc = computed.map(|ComputedKinship { qc, .. }| match qc {
        QcOn::Analysed => "analysed",
        QcOn::All => "all",
    });
    let is_saved = matches!(
        analysis.kinship(),
        Some(KinshipInput::Computed { save: true, .. })
    );
    vec![
        ("k", k),
        ("km", km),
        ("d", values),
        ("u", vectors),
        ("gk", kind.into()),
        ("kinship-qc", qc.into()),
        ("ksnps", file(computed.and_then(|of| of.snps.as_ref()))),
        ("save-kinship", is_saved.into()),
    ]
}

/// `-k2`.
pub(super) fn second_kinship(job: &Job) -> Options {
    let [k2, km2] = kinship_file(match &job.second_kinship {
        Some(Input::File(file)) => Some(file),
        Some(Input::Memory(_)) | None => None,
    });
    vec![("k2", k2), ("km2", km2)]
}

/// `-loco`.
pub(super) fn loco(of: Option<&Loco>) -> Options {
    let (loco, least) = match of {
        None => (Json::Null, None),
        Some(Loco::One(name)) => (name.into(), None),
        Some(Loco::Every { least }) => (true.into(), Some(*least)),
    };
    vec![("loco", loco), ("loco-min-snps", least.into())]
}
