//! The cost of an analysis in one process.

use super::machines::Machines;
use super::memory::{Part, of_stage, plan};
use super::operations;
use super::rates::Rates;
use super::stages::{Cost, StageCost};
use super::study::StudySize;
use crate::error::Result;
use crate::progress::Stage;

/// Bytes of a row of a table of associations as text, with ids of ordinary length.
pub(super) const ROW_BYTES: u64 = 110;

/// The cost of `jamma lmm` in one process on the node of `machines`.
///
/// Fails if the memory cannot be planned.
pub fn one_process(study: &StudySize, machines: &Machines, rates: &Rates) -> Result<Cost> {
    let node = machines.node;
    let threads = node.threads as f64;
    let plan = plan(study, Part::Everything, node, study.snps)?;
    let groups = study.trait_groups;
    let passes = if study.chromosomes > 0 && !plan.loco.keeps_parts {
        2
    } else {
        1
    };
    let stage = |stage, processor_seconds: f64, scans: u64, written| {
        let read = scans * study.bytes_on_disk();
        let reading_seconds = read as f64 / machines.reading_rate(1);
        StageCost {
            stage,
            processes: 1,
            seconds: (processor_seconds / threads).max(reading_seconds),
            reading_seconds,
            processor_seconds,
            memory: of_stage(&plan, stage),
            available: node.memory,
            read,
            written,
            sent: 0,
        }
    };
    let kinship = operations::kinship(study, rates, passes as f64);
    let decomposition = operations::decomposition(study, rates, node);
    let decompositions = study.decompositions() as f64 * decomposition * threads;
    let rows = study.snps * study.traits * ROW_BYTES;
    let stages = vec![
        stage(Stage::Kinship, kinship, passes * groups, 0),
        stage(Stage::Eigendecomposition, decompositions, 0, 0),
        stage(
            Stage::Association,
            operations::association(study, rates),
            groups,
            rows,
        ),
    ];
    Ok(Cost { stages })
}
