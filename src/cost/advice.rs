//! Where the dense exact method ends, and what to do then.

use super::machines::{Machines, Node};
use super::memory::{Part, plan};
use super::stages::{Cost, StageCost};
use super::study::StudySize;
use crate::error::Result;
use crate::progress::Stage;

/// Seconds after which a run is called long.
const LONG: f64 = 14.0 * 86400.0;

/// The largest number of individuals whose kinship can be decomposed on `node`; `None` if its memory is unknown.
///
/// Fails if the memory cannot be planned.
pub fn largest_study(node: Node) -> Result<Option<u64>> {
    let Some(memory) = node.memory else {
        return Ok(None);
    };
    let fits = |individuals| -> Result<bool> {
        let study = StudySize {
            individuals,
            ..StudySize::default()
        };
        let plan = plan(&study, Part::Decomposition, node, study.snps)?;
        Ok(plan.peak().bytes <= memory)
    };
    // A decomposition takes 3 n² numbers, so these enclose the answer.
    let (mut low, mut high) = (0, (memory / 24).isqrt() + 1);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if fits(middle)? {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(Some(low))
}

/// What to do if a stage of `cost` does not fit in memory, or takes very long: whole sentences, none if all is well.
///
/// Fails if the memory cannot be planned.
pub fn advice(study: &StudySize, machines: &Machines, cost: &Cost) -> Result<Vec<String>> {
    let mut advice = Vec::new();
    for of in cost.stages.iter().filter(|of| !of.fits()) {
        let available = of.available.expect("it is known, or the stage fits");
        advice.push(format!(
            "The {} needs {} GB in one process, which may use {} GB.",
            of.stage.name(),
            gigabytes(of.memory),
            gigabytes(available)
        ));
        advice.extend(remedies(study, of, machines)?);
    }
    if advice.is_empty() && cost.seconds() > LONG {
        advice.push(
            "This takes more than two weeks. Use more workers or cores, fewer SNPs for the kinship (-ksnps, a set pruned for \
             linkage disequilibrium), or a method with an approximation, such as REGENIE, fastGWA, SAIGE or BOLT-LMM."
                .to_owned(),
        );
    }
    Ok(advice)
}

fn remedies(study: &StudySize, of: &StageCost, machines: &Machines) -> Result<Vec<String>> {
    let mut remedies = Vec::new();
    let node = Node {
        memory: of.available,
        ..machines.eigen_node
    };
    if of.stage != Stage::Eigendecomposition {
        remedies.push(
            "Every worker of this stage holds an n x n matrix; more workers do not make it smaller. Use nodes with more memory, \
             and one process on each node with all its cores."
                .to_owned(),
        );
        return Ok(remedies);
    }
    remedies.push(format!(
        "A decomposition takes three n x n matrices, 24 n^2 bytes, on one node: more workers do not help. A node with {} GB \
         is needed for this step alone (--eigen-memory; the other steps need {} GB).",
        gigabytes(of.memory),
        gigabytes(16 * study.individuals * study.individuals)
    ));
    if let Some(largest) = largest_study(node)? {
        remedies.push(format!(
            "With {} GB, up to {largest} individuals can be decomposed.",
            gigabytes(node.memory.unwrap_or_default())
        ));
    }
    remedies.push(
        "Without such a node: analyse cohorts separately and combine their results in a meta-analysis; or remove relatives and \
         use `jamma lm` with principal components as covariates; or use a method without a dense kinship (REGENIE, fastGWA, \
         SAIGE, BOLT-LMM), whose results are approximations of this model."
            .to_owned(),
    );
    Ok(remedies)
}

/// Gigabytes (1e9 bytes), rounded up to three digits.
#[must_use]
pub(super) fn gigabytes(bytes: u64) -> String {
    let gb = bytes as f64 / 1e9;
    if gb < 100.0 {
        format!("{:.1}", (gb * 10.0).ceil() / 10.0)
    } else {
        format!("{:.0}", gb.ceil())
    }
}
