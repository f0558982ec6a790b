//! The memory of the stages: that of the plans which runs of these stages make.

use super::machines::Node;
use super::study::StudySize;
use crate::assoc::lmm::Lmm;
use crate::backend::CpuBackend;
use crate::error::Result;
use crate::genotype::Encoding;
use crate::kinship::{KinshipKind, KinshipLayout, summing_bytes};
use crate::pipeline::{
    Analysis, ComputedKinship, EigenFiles, Input, KinshipFile, KinshipInput, Machine, MemoryPlan,
    SecondSize, Size,
};
use crate::progress::Stage;

/// Memory of a node whose memory is unknown: large enough that a plan need not make blocks smaller.
const UNKNOWN: u64 = 1 << 56;

/// The part of an analysis that a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Everything,
    /// `jamma gk`, or a part of it.
    Kinship,
    /// `jamma eigen`.
    Decomposition,
    /// `jamma lmm` with `-d` and `-u`, or a part of it.
    Association,
}

/// The plan of a process that does `part` of the analysis on `node`.
///
/// * `snps`: number of SNPs that the process reads
pub(super) fn plan(study: &StudySize, part: Part, node: Node, snps: u64) -> Result<MemoryPlan> {
    let machine = Machine {
        threads: node.threads as usize,
        block_snps: None,
        memory: Some(node.memory.unwrap_or(UNKNOWN)),
    };
    MemoryPlan::new(
        &analysis(study, part),
        machine,
        &CpuBackend,
        size(study, part, snps),
    )
}

/// Bytes of the stage of a plan; 0 if it has none.
pub(super) fn of_stage(plan: &MemoryPlan, stage: Stage) -> u64 {
    let found = plan.stages.iter().find(|of| of.stage == stage);
    found.map_or(0, |of| of.bytes)
}

/// Bytes of a partial sum as it is written and sent: one triangle.
pub(super) fn part_bytes(study: &StudySize) -> u64 {
    let triangle = study.individuals * study.individuals / 2;
    match (study.encoding, study.kinship) {
        // Whole numbers, and with missing calls also fractions of twice the length.
        (Encoding::Packed, KinshipKind::Centred) if study.missing == 0.0 => 8 * triangle,
        _ => 24 * triangle,
    }
}

/// Bytes of a sum in memory: a matrix, and with missing calls or fractions more.
pub(super) fn sum_bytes(study: &StudySize) -> u64 {
    let n = study.individuals;
    match (study.encoding, study.kinship) {
        (Encoding::Packed, KinshipKind::Centred) if study.missing == 0.0 => 8 * n * n,
        _ => summing_bytes(study.kinship, study.encoding, n),
    }
}

fn analysis(study: &StudySize, part: Part) -> Analysis {
    let lmm = |kinship| {
        let mut analysis = Analysis::lmm(Lmm {
            tests: study.tests,
            ..Lmm::default()
        });
        if let Analysis::Association(association) = &mut analysis {
            association.kinship = Some(kinship);
        }
        analysis
    };
    let computed = ComputedKinship {
        kind: study.kinship,
        ..ComputedKinship::default()
    };
    match part {
        Part::Everything => lmm(KinshipInput::Computed {
            kinship: computed,
            save: false,
        }),
        Part::Kinship => Analysis::Kinship(computed),
        Part::Decomposition => Analysis::Eigen(KinshipInput::Matrix(Input::File(KinshipFile {
            path: "k.cXX.npy".into(),
            layout: KinshipLayout::Square,
        }))),
        Part::Association => lmm(KinshipInput::Eigen(Input::File(EigenFiles {
            values: "e.eigenD.npy".into(),
            vectors: "e.eigenU.npy".into(),
        }))),
    }
}

fn size(study: &StudySize, part: Part, snps: u64) -> Size {
    Size {
        everybody: study.individuals,
        analysed: study.individuals,
        snps: Some(snps),
        encoding: study.encoding,
        snp_bytes: study.bytes_of_snp(),
        row_bytes: 0,
        traits: study.traits_at_once(),
        environments: 0,
        chromosomes: match part {
            Part::Everything => study.chromosomes,
            // A part adds one chromosome after the other.
            Part::Kinship | Part::Decomposition | Part::Association => 0,
        },
        repeats_tests: false,
        permutations: 0,
        second_kinship: SecondSize::default(),
        diagnostics: 0,
        held: 0,
    }
}
