//! `jamma demo`: the whole pipeline on a study inside the binary.

use super::Setting;
use super::report::say;
use super::threads::threads;
use super::{progress, resolve};
use crate::assoc::lmm::Tests;
use crate::error::{Error, Result};
use crate::pipeline::{self, Analysis, Job, Report};
use clap::ArgMatches;
use std::path::Path;

/// A simulated study of 300 individuals in families of sibs and 1,000 SNPs; made by `reference/simulate.py`.
const STUDY: [(&str, &[u8]); 3] = [
    ("bed", include_bytes!("../../reference/data/demo.bed")),
    ("bim", include_bytes!("../../reference/data/demo.bim")),
    ("fam", include_bytes!("../../reference/data/demo.fam")),
];
/// Rows of the table of top hits.
const TOP: usize = 8;

pub(super) fn run(
    matches: &ArgMatches,
    command: String,
    notes: Vec<String>,
    setting: &Setting<'_>,
) -> Result<()> {
    let folder = tempfile::tempdir().map_err(Error::io("write", &std::env::temp_dir()))?;
    let bfile = folder.path().join("demo");
    for (extension, bytes) in STUDY {
        let path = bfile.with_extension(extension);
        std::fs::write(&path, bytes).map_err(Error::io("write", &path))?;
    }
    let job = Job {
        notes,
        ..job(&bfile, matches, command)?
    };
    let backend = setting.backend(matches)?;
    let observer = progress::Terminal::new(matches.get_flag("silence"), setting.is_cancelled);
    observer.banner();
    let result = pipeline::run(&job, &*backend, &observer);
    observer.clear();
    let report = result?;
    observer.summary(&report);
    if !matches.get_flag("silence") {
        show_top_hits(&report)?;
    }
    Ok(())
}

fn job(bfile: &Path, matches: &ArgMatches, command: String) -> Result<Job> {
    let threads = threads(matches)?;
    Ok(Job {
        places: Some(resolve::places(matches, "demo")?),
        threads: threads.count,
        notes: threads.notes,
        command,
        ..Job::new(bfile, Analysis::Association(Tests::All))
    })
}

/// Prints the rows of the association table with the smallest p_wald.
fn show_top_hits(report: &Report) -> Result<()> {
    let path = &report.outputs[0];
    let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let column = |name: &str| header.iter().position(|h| *h == name).unwrap_or_default();
    let shown = [
        "chr", "rs", "ps", "allele1", "allele0", "af", "beta", "se", "p_wald",
    ]
    .map(column);
    let p_wald = column("p_wald");
    let mut rows: Vec<Vec<&str>> = lines.map(|line| line.split('\t').collect()).collect();
    let p = |row: &Vec<&str>| row[p_wald].parse().unwrap_or(f64::NAN);
    rows.sort_by(|a, b| p(a).total_cmp(&p(b)));
    say(format_args!(
        "\ntop hits of {} SNPs, by the Wald test:",
        rows.len()
    ));
    for row in std::iter::once(&header).chain(rows.iter().take(TOP)) {
        let cells: Vec<String> = shown.iter().map(|&j| format!("{:>13}", row[j])).collect();
        say(cells.join(" "));
    }
    say("\nThe same with your data: jamma lmm -bfile PREFIX (see jamma lmm --help)");
    Ok(())
}
