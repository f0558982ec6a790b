//! `PREFIX.stepwise.txt`: the SNPs that were added to the covariates, in the order in which they were added.

use crate::assoc::SnpColumn;
use crate::assoc::stepwise::{Step, StepwisePath};
use crate::error::Result;
use crate::output::file::{OutputFile, OutputPlace};
use crate::output::number::{push_e6, push_f3};
use crate::output::report::RunReport;
use crate::output::sink::{RunHeader, Sink};
use crate::output::text::{Packing, TextFile};
use std::path::PathBuf;

/// The columns of the table, and what they are. The p-value has the name of that of the tests.
pub const STEPWISE_COLUMNS: [(&str, &str); 13] = [
    ("step", "number of the step, from 1"),
    ("chr", SnpColumn::Chr.meaning()),
    ("rs", SnpColumn::Rs.meaning()),
    ("ps", SnpColumn::Ps.meaning()),
    ("allele1", SnpColumn::Allele1.meaning()),
    ("allele0", SnpColumn::Allele0.meaning()),
    ("af", SnpColumn::Af.meaning()),
    (
        "beta",
        "effect of one copy of allele1 when the SNP was added",
    ),
    ("se", "its standard error"),
    (
        "p_wald",
        "its p-value: that of the Wald test, or of the only test (p_lrt, p_score)",
    ),
    (
        "beta_joint",
        "effect in the model with all SNPs that were added",
    ),
    ("se_joint", "its standard error"),
    ("p_joint", "its p-value"),
];

/// Writes the path of a forward selection at the end of the run.
#[derive(Debug)]
pub struct StepwiseTable {
    place: OutputPlace,
    packing: Packing,
    file: Option<OutputFile>,
}

impl StepwiseTable {
    /// The table at `place`.
    #[must_use]
    pub fn new(place: OutputPlace, packing: Packing) -> Self {
        Self {
            place,
            packing,
            file: None,
        }
    }

    fn suffix(&self) -> String {
        format!("stepwise.txt{}", self.packing.extension())
    }
}

impl Sink for StepwiseTable {
    fn paths(&self) -> Vec<PathBuf> {
        vec![self.place.path(&self.suffix())]
    }

    fn begin(&mut self, _: &RunHeader) -> Result<()> {
        self.file = Some(self.place.create(&self.suffix())?);
        Ok(())
    }

    fn finish(&mut self, report: &RunReport) -> Result<Vec<PathBuf>> {
        let file = self.file.take().expect("the sink was begun");
        let mut table = TextFile::in_this_thread(file, self.packing);
        let path = report.traits.iter().find_map(|of| of.stepwise.as_ref());
        table.write(path.map_or_else(Vec::new, lines))?;
        Ok(vec![table.finish()?])
    }
}

/// The header, and a line for each step.
fn lines(path: &StepwisePath) -> Vec<Vec<u8>> {
    let names = STEPWISE_COLUMNS.map(|(name, _)| match name {
        "p_wald" => &*path.column,
        name => name,
    });
    let header = names.join("\t") + "\n";
    let steps = path.steps.iter().enumerate();
    let steps = steps.map(|(number, step)| line(number + 1, step));
    std::iter::once(header.into_bytes()).chain(steps).collect()
}

fn line(number: usize, step: &Step) -> Vec<u8> {
    let snp = &step.snp;
    let mut text = format!(
        "{number}\t{}\t{}\t{}\t{}\t{}\t",
        snp.chr, snp.rs, snp.ps, snp.allele1, snp.allele0
    )
    .into_bytes();
    push_f3(&mut text, snp.af);
    for value in [
        snp.beta,
        snp.se,
        snp.p,
        step.joint_beta,
        step.joint_se,
        step.joint_p,
    ] {
        text.push(b'\t');
        push_e6(&mut text, value);
    }
    text.push(b'\n');
    text
}
