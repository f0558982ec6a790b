//! `jamma cost`: what a run will cost, before it is started.

mod chosen;
mod json;
mod quantity;
mod show;
mod table;
mod way;

use super::words::{Given, Tool};
use crate::cli::report::print;
use crate::cost::{advice, dask, job_array, one_process};
use crate::error::Result;
use chosen::Chosen;
use way::Way;

pub(super) const TOOL: Tool = Tool {
    name: "cost",
    about: "Predict time, memory, disk and network of an association analysis, in one process and on a cluster",
    paths: "",
    n_paths: 0,
    options: &[
        (
            "bfile",
            "PREFIX",
            "Take the numbers of individuals, SNPs and chromosomes from PLINK 1 files",
        ),
        ("pfile", "PREFIX", "The same from PLINK 2 files"),
        ("bgen", "FILE", "The same from a BGEN file"),
        (
            "individuals",
            "N",
            "Individuals to analyse [default: those of the files]",
        ),
        (
            "snps",
            "N",
            "SNPs to test, such as 10e6 [default: those of the files]",
        ),
        ("traits", "N", "Traits [default: 1]"),
        (
            "trait-groups",
            "N",
            "Sets of individuals with the same missing phenotypes; each has its own decomposition [default: 1]",
        ),
        (
            "covariates",
            "N",
            "Covariates besides the intercept [default: 0]",
        ),
        ("lmm", "1|2|3|4", "Tests, as in jamma lmm [default: 1]"),
        ("gk", "1|2", "Kinship: centred or standardised [default: 1]"),
        ("loco", "", "Leave one chromosome out"),
        (
            "chromosomes",
            "N",
            "With --loco without files: chromosomes [default: 22]",
        ),
        (
            "dosages",
            "",
            "Without files: genotypes are dosages, not hard calls",
        ),
        (
            "missing",
            "FRACTION",
            "Fraction of missing calls [default: 0.01]",
        ),
        (
            "workers",
            "N",
            "Also predict a cluster with N workers, or N tasks of a job array at once",
        ),
        (
            "threads",
            "N",
            "Threads of the process, and of each worker [default: the cores of this machine]",
        ),
        (
            "memory",
            "SIZE",
            "Memory of the process, and of each worker, such as 64GB [default: not checked]",
        ),
        (
            "memory-rate",
            "RATE",
            "Rate at which all cores of a node read its memory [default: 200GB/s]",
        ),
        (
            "eigen-workers",
            "N",
            "Nodes that decompose kinships at the same time [default: 1]",
        ),
        (
            "eigen-threads",
            "N",
            "Threads of the node that decomposes [default: those of a worker]",
        ),
        (
            "eigen-memory",
            "SIZE",
            "Memory of the node that decomposes [default: that of a worker]",
        ),
        (
            "disk-rate",
            "RATE",
            "Rate of the file system for all nodes together, such as 2GB/s [default: 500MB/s]",
        ),
        (
            "net-rate",
            "RATE",
            "Rate between two nodes, such as 10Gbit/s [default: 10Gbit/s]",
        ),
        (
            "calibrate",
            "",
            "Measure the rates of this machine, about ten seconds, instead of those of an AMD EPYC 9004 with AVX-512",
        ),
        (
            "table",
            "",
            "Print the table of docs/cost.md: large studies on common nodes",
        ),
        ("json", "", "Print JSON"),
    ],
    notes: "Times are predictions for processors that do nothing else. Waiting in a queue and starting workers are not included.\n\
            The formulas, and how far they were from measured runs, are in docs/cost.md. Exit status: 0 the analysis fits in\n\
            memory, 1 it does not, or an input cannot be read, 2 the command line is wrong.\n\n\
            Examples:\n  jamma cost --bfile mouse --loco\n  \
            jamma cost --individuals 100000 --snps 10e6 --workers 16 --threads 32 --memory 512GB",
};

/// The exit status of an analysis that does not fit in memory.
const DOES_NOT_FIT: u8 = 1;

/// Prints the cost, and returns the exit status: whether a way to run the analysis fits in memory.
pub(super) fn run(given: &Given, is_cancelled: &(dyn Fn() -> bool + Sync)) -> Result<u8> {
    let chosen = Chosen::of(given, is_cancelled)?;
    if given.has("table") {
        for line in table::lines(&chosen.rates)? {
            print(line);
        }
        return Ok(0);
    }
    let Chosen {
        study,
        machines,
        rates,
        ..
    } = &chosen;
    let mut ways = vec![Way {
        title: "one process",
        key: "one_process",
        cost: one_process(study, machines, rates)?,
    }];
    if chosen.has_cluster {
        ways.push(Way {
            title: "Dask",
            key: "dask",
            cost: dask(study, machines, rates)?,
        });
        ways.push(Way {
            title: "job array",
            key: "job_array",
            cost: job_array(study, machines, rates)?,
        });
    }
    // Advice on a way that fits, if there is one: the decomposition of a cluster may have a node of its own.
    let last = ways.last().expect("one process is a way");
    let way = ways.iter().find(|way| way.cost.fits()).unwrap_or(last);
    let advice = advice(study, machines, &way.cost)?;
    if given.has("json") {
        print(json::json(&chosen, &ways, &advice));
    } else {
        show::show(&chosen, &ways, &advice);
    }
    let fits = ways.iter().any(|way| way.cost.fits());
    Ok(if fits { 0 } else { DOES_NOT_FIT })
}
