//! `jamma cost`: what a run will cost, before it is started.

mod chosen;
mod json;
mod quantity;
mod show;
mod table;
mod way;

use crate::cli::foreign::Remedy;
use crate::cli::report::print;
use crate::cli::tool::{Given, Tool, ToolOption, Value};
use crate::cost::{advice, dask, job_array, one_process};
use crate::error::Result;
use chosen::Chosen;
use way::Way;

pub(crate) const TOOL: Tool = Tool {
    name: "cost",
    about: "Predict time, memory, disk and network of an association analysis, in one process and on a cluster",
    usage: &["jamma cost [OPTIONS]"],
    words: &[],
    n_words: 0..=0,
    options: &[
        ToolOption::with(
            "-bfile",
            "PREFIX",
            Value::Path,
            "Take the numbers of individuals, SNPs and chromosomes from PLINK 1 files",
        ),
        ToolOption::with(
            "--pfile",
            "PREFIX",
            Value::Path,
            "The same from PLINK 2 files",
        ),
        ToolOption::with("--bgen", "FILE", Value::Path, "The same from a BGEN file"),
        ToolOption::with(
            "--individuals",
            "N",
            Value::Number,
            "Individuals to analyse [default: those of the files]",
        ),
        ToolOption::with(
            "--snps",
            "N",
            Value::Number,
            "SNPs to test, such as 10e6 [default: those of the files]",
        ),
        ToolOption::with("--traits", "N", Value::Number, "Traits [default: 1]"),
        ToolOption::with(
            "--trait-groups",
            "N",
            Value::Number,
            "Sets of individuals with the same missing phenotypes; each has its own decomposition [default: 1]",
        ),
        ToolOption::with(
            "--covariates",
            "N",
            Value::Number,
            "Covariates besides the intercept [default: 0]",
        ),
        ToolOption::with(
            "-lmm",
            "1|2|3|4",
            Value::Choice(&["1", "2", "3", "4"]),
            "Tests, as in jamma lmm [default: 1]",
        ),
        ToolOption::with(
            "-gk",
            "1|2",
            Value::Choice(&["1", "2"]),
            "Kinship: centred or standardised [default: 1]",
        ),
        ToolOption::flag("-loco", "Leave one chromosome out"),
        ToolOption::with(
            "--chromosomes",
            "N",
            Value::Number,
            "With --loco without files: chromosomes [default: 22]",
        ),
        ToolOption::flag(
            "--dosages",
            "Without files: genotypes are dosages, not hard calls",
        ),
        ToolOption::with(
            "--missing",
            "FRACTION",
            Value::Number,
            "Fraction of missing calls [default: 0.01]",
        ),
        ToolOption::with(
            "--workers",
            "N",
            Value::Number,
            "Also predict a cluster with N workers, or N tasks of a job array at once",
        ),
        ToolOption::with(
            "--threads",
            "N",
            Value::Number,
            "Threads of the process, and of each worker [default: the cores of this machine]",
        ),
        ToolOption::with(
            "--memory",
            "SIZE",
            Value::Text,
            "Memory of the process, and of each worker, such as 64GB [default: not checked]",
        ),
        ToolOption::with(
            "--memory-rate",
            "RATE",
            Value::Text,
            "Rate at which all cores of a node read its memory [default: 200GB/s]",
        ),
        ToolOption::with(
            "--eigen-workers",
            "N",
            Value::Number,
            "Nodes that decompose kinships at the same time [default: 1]",
        ),
        ToolOption::with(
            "--eigen-threads",
            "N",
            Value::Number,
            "Threads of the node that decomposes [default: those of a worker]",
        ),
        ToolOption::with(
            "--eigen-memory",
            "SIZE",
            Value::Text,
            "Memory of the node that decomposes [default: that of a worker]",
        ),
        ToolOption::with(
            "--disk-rate",
            "RATE",
            Value::Text,
            "Rate of the file system for all nodes together, such as 2GB/s [default: 500MB/s]",
        ),
        ToolOption::with(
            "--net-rate",
            "RATE",
            Value::Text,
            "Rate between two nodes, such as 10Gbit/s [default: 10Gbit/s]",
        ),
        ToolOption::flag(
            "--calibrate",
            "Measure the rates of this machine, about ten seconds, instead of those of an AMD EPYC 9004 with AVX-512",
        ),
        ToolOption::flag(
            "--table",
            "Print the table of docs/cost.md: large studies on common nodes",
        ),
        ToolOption::flag("--json", "Print JSON"),
    ],
    notes: &[
        "Times are predictions for processors that do nothing else. Waiting in a queue and starting workers are not included. The formulas, and how far they were from measured runs, are in docs/cost.md.",
        "Exit status: 0 the analysis fits in memory in one of the ways shown, 1 in none, or an input cannot be read, 2 the command line is wrong.",
    ],
    examples: &[
        ("jamma cost -bfile mouse -loco", "the study in files"),
        (
            "jamma cost --individuals 100000 --snps 10e6 --workers 16 --threads 32 --memory 512GB",
            "a planned study on 16 nodes",
        ),
    ],
    synonyms: &[
        (
            &["samples", "n", "n-individuals", "n-samples", "indivs"],
            Remedy::Ours("individuals"),
        ),
        (
            &["markers", "variants", "n-snps", "p"],
            Remedy::Ours("snps"),
        ),
        (
            &["nodes", "n-workers", "dask", "tasks", "jobs"],
            Remedy::Ours("workers"),
        ),
        (
            &["cores", "cpus", "n-threads", "num-threads"],
            Remedy::Ours("threads"),
        ),
        (&["mem", "ram"], Remedy::Ours("memory")),
        (
            &["o", "out", "outdir", "output"],
            Remedy::Instead("`jamma cost` prints on standard output: jamma cost [OPTIONS] > FILE"),
        ),
    ],
    is_hidden: false,
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
