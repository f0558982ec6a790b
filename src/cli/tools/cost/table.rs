//! The table of docs/cost.md: large studies on common nodes.

use super::quantity::{size, thousands, time};
use crate::cost::{Machines, Node, Rates, StudySize, dask, largest_study, one_process};
use crate::error::Result;
use crate::progress::Stage;

const INDIVIDUALS: [u64; 5] = [10_000, 20_000, 50_000, 100_000, 200_000];
const SNPS: [u64; 3] = [1_000_000, 10_000_000, 50_000_000];
/// Memory and cores of common nodes.
const NODES: [(u64, u64); 4] = [
    (64_000_000_000, 16),
    (256_000_000_000, 32),
    (1_000_000_000_000, 64),
    (2_000_000_000_000, 128),
];
/// Nodes of the cluster of the table.
const WORKERS: u64 = 16;
/// The cell of a way that does not fit in memory.
const NOT: &str = "-";
/// The file system of a cluster, and its network.
const DISK_RATE: f64 = 2e9;
const NETWORK_RATE: f64 = 12.5e9;

fn machines((memory, threads): (u64, u64)) -> Machines {
    let node = Node {
        threads,
        memory: Some(memory),
        ..Node::default()
    };
    Machines {
        workers: WORKERS,
        node,
        eigen_workers: 1,
        eigen_node: node,
        disk_rate: DISK_RATE,
        network_rate: NETWORK_RATE,
    }
}

/// The lines of the tables, as Markdown.
///
/// Fails if the memory cannot be planned.
pub(super) fn lines(rates: &Rates) -> Result<Vec<String>> {
    let mut lines = decompositions(rates)?;
    lines.push(String::new());
    lines.extend(runs(rates)?);
    Ok(lines)
}

fn header(first: &[&str]) -> Vec<String> {
    let nodes = NODES.map(|(memory, cores)| format!("{}, {cores} cores", size(memory)));
    let names = first.iter().map(ToString::to_string).chain(nodes);
    let names: Vec<String> = names.collect();
    let rule = "---|".repeat(names.len());
    vec![format!("| {} |", names.join(" | ")), format!("|{rule}")]
}

/// Memory and time of the decomposition, which must fit on one node.
fn decompositions(rates: &Rates) -> Result<Vec<String>> {
    let mut lines = header(&[
        "individuals",
        "memory of the decomposition, 128 cores",
        "one matrix",
    ]);
    for individuals in INDIVIDUALS {
        let study = StudySize {
            individuals,
            ..StudySize::default()
        };
        let mut cells = Vec::new();
        let mut memory = 0;
        for node in NODES {
            let cost = one_process(&study, &machines(node), rates)?;
            let stage = cost.stage(Stage::Eigendecomposition);
            let stage = stage.expect("the kinship is decomposed");
            memory = stage.memory;
            cells.push(if stage.fits() {
                time(stage.seconds)
            } else {
                "does not fit".to_owned()
            });
        }
        lines.push(format!(
            "| {} | {} | {} | {} |",
            thousands(individuals),
            size(memory),
            size(8 * individuals * individuals),
            cells.join(" | ")
        ));
    }
    let mut largest = Vec::new();
    for node in NODES {
        let individuals = largest_study(machines(node).node)?;
        largest.push(thousands(individuals.unwrap_or_default()));
    }
    lines.push(format!("| largest study | | | {} |", largest.join(" | ")));
    Ok(lines)
}

/// Times of runs on one node, and on several.
fn runs(rates: &Rates) -> Result<Vec<String>> {
    let mut lines = header(&["individuals", "SNPs"]);
    for individuals in INDIVIDUALS {
        for snps in SNPS {
            let study = StudySize {
                individuals,
                snps,
                ..StudySize::default()
            };
            let mut cells = Vec::new();
            for node in NODES {
                let machines = machines(node);
                let costs = [
                    one_process(&study, &machines, rates)?,
                    dask(&study, &machines, rates)?,
                ];
                let shown = costs.map(|cost| {
                    if cost.fits() {
                        time(cost.seconds())
                    } else {
                        NOT.to_owned()
                    }
                });
                cells.push(if shown.iter().all(|cell| cell == NOT) {
                    "does not fit".to_owned()
                } else {
                    shown.join(" / ")
                });
            }
            lines.push(format!(
                "| {} | {} | {} |",
                thousands(individuals),
                thousands(snps),
                cells.join(" | ")
            ));
        }
    }
    Ok(lines)
}
