//! `PREFIX.stepwise.txt`: the SNPs that were added to the covariates, in the order in which they were added.

use crate::assoc::stepwise::{Step, StepwisePath};
use crate::error::Result;
use crate::output::file::{OutputFile, OutputPlace};
use crate::output::number::{push_e6, push_f3};
use crate::output::report::RunReport;
use crate::output::sink::{RunHeader, Sink};
use crate::output::text::{Packing, TextFile};
use std::path::PathBuf;

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
    let header = format!(
        "step\tchr\trs\tps\tallele1\tallele0\taf\tbeta\tse\t{}\tbeta_joint\tse_joint\tp_joint\n",
        path.column
    );
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
