//! `jamma demo`: the whole analysis of a study that is embedded in the binary.

use super::args::{Args, LmmMode};
use super::report::print;
use super::resolve::{self, Given};
use super::run::Setting;
use crate::assoc::lmm::Tests;
use crate::error::{Error, Result};
use crate::output::report::RunReport;

/// A simulated study of 300 individuals (families of siblings) and 1,000 SNPs, made by `reference/simulate.py`.
const STUDY: [(&str, &[u8]); 3] = [
    ("bed", include_bytes!("../../reference/data/demo.bed")),
    ("bim", include_bytes!("../../reference/data/demo.bim")),
    ("fam", include_bytes!("../../reference/data/demo.fam")),
];
/// Rows of the table of top hits.
const TOP: usize = 8;

pub(super) fn run(
    args: &Args,
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
    let args = Args {
        bfile: Some(bfile),
        lmm: Some(LmmMode::Tests(Tests::All)),
        prefix: Some(args.prefix.clone().unwrap_or_else(|| "demo".into())),
        ..args.clone()
    };
    let mut job = resolve::job(&args, Given::default(), command)?;
    job.notes.extend(notes);
    let report = setting.run(job, &args)?;
    if !args.silence {
        show_top_hits(&report)?;
    }
    Ok(())
}

/// Prints the rows of the association table with the smallest p_wald.
fn show_top_hits(report: &RunReport) -> Result<()> {
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
    print(format_args!(
        "\ntop hits among {} SNPs (Wald test):",
        rows.len()
    ));
    for row in std::iter::once(&header).chain(rows.iter().take(TOP)) {
        let cells: Vec<String> = shown.iter().map(|&j| format!("{:>13}", row[j])).collect();
        print(cells.join(" "));
    }
    print("\nto analyse your own data: jamma lmm -bfile PREFIX (see jamma lmm --help)");
    Ok(())
}
