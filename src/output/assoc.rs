//! `.assoc.txt`: one row per tested SNP, in GEMMA's columns.

use super::file::OutputFile;
use super::number::{push_e6, push_f3, push_integer};
use super::text::{Packing, TextFile};
use crate::assoc::lmm::{SnpAssoc, Tests};
use crate::error::Result;
use crate::genotype::SnpSummary;
use crate::io::bim::SnpTable;
use rayon::prelude::*;
use std::path::PathBuf;

/// One statistic of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Effect of allele1.
    Beta,
    /// Its standard error.
    Se,
    /// Log-likelihood under the alternative.
    LoglH1,
    /// REML λ.
    LRemle,
    /// ML λ.
    LMle,
    /// Wald p.
    PWald,
    /// Likelihood ratio p.
    PLrt,
    /// Score p.
    PScore,
    /// −log₁₀ of the Wald p.
    NegLog10PWald,
    /// −log₁₀ of the likelihood ratio p.
    NegLog10PLrt,
    /// −log₁₀ of the score p.
    NegLog10PScore,
}

impl Column {
    /// GEMMA's name, or ours for the added columns.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Beta => "beta",
            Self::Se => "se",
            Self::LoglH1 => "logl_H1",
            Self::LRemle => "l_remle",
            Self::LMle => "l_mle",
            Self::PWald => "p_wald",
            Self::PLrt => "p_lrt",
            Self::PScore => "p_score",
            Self::NegLog10PWald => "neg_log10_p_wald",
            Self::NegLog10PLrt => "neg_log10_p_lrt",
            Self::NegLog10PScore => "neg_log10_p_score",
        }
    }

    /// The value in a row.
    #[must_use]
    pub fn value(self, row: &SnpAssoc) -> f64 {
        match self {
            Self::Beta => row.effect.beta,
            Self::Se => row.effect.se,
            Self::LoglH1 => row.logl_h1,
            Self::LRemle => row.l_remle,
            Self::LMle => row.l_mle,
            Self::PWald => row.p_wald.p,
            Self::PLrt => row.p_lrt.p,
            Self::PScore => row.p_score.p,
            Self::NegLog10PWald => row.p_wald.neg_log10,
            Self::NegLog10PLrt => row.p_lrt.neg_log10,
            Self::NegLog10PScore => row.p_score.neg_log10,
        }
    }

    /// The statistics that `tests` gives, in GEMMA's order; with `log10p` the −log₁₀ p follow.
    #[must_use]
    pub fn of(tests: Tests, log10p: bool) -> Vec<Self> {
        let mut columns = match tests {
            Tests::Wald => vec![
                Self::Beta,
                Self::Se,
                Self::LoglH1,
                Self::LRemle,
                Self::PWald,
            ],
            Tests::Lrt => vec![Self::LoglH1, Self::LMle, Self::PLrt],
            Tests::Score => vec![Self::Beta, Self::Se, Self::PScore],
            Tests::All => vec![
                Self::Beta,
                Self::Se,
                Self::LoglH1,
                Self::LRemle,
                Self::LMle,
                Self::PWald,
                Self::PLrt,
                Self::PScore,
            ],
            Tests::LrtWithEffect => vec![Self::Beta, Self::Se, Self::LMle, Self::PLrt],
        };
        if log10p {
            let logs: Vec<Self> = columns.iter().filter_map(|c| c.neg_log10()).collect();
            columns.extend(logs);
        }
        columns
    }

    fn neg_log10(self) -> Option<Self> {
        match self {
            Self::PWald => Some(Self::NegLog10PWald),
            Self::PLrt => Some(Self::NegLog10PLrt),
            Self::PScore => Some(Self::NegLog10PScore),
            _ => None,
        }
    }
}

/// Rows formatted by one task.
const ROWS_AT_ONCE: usize = 512;

/// Writes rows in order, as they are ready.
#[derive(Debug)]
pub struct AssocWriter {
    file: TextFile,
    columns: Vec<Column>,
}

impl AssocWriter {
    /// Begins `file` with the header line.
    pub fn new(file: OutputFile, packing: Packing, columns: Vec<Column>) -> Result<Self> {
        let mut file = TextFile::new(file, packing)?;
        let mut header = String::from("chr\trs\tps\tn_miss\tallele1\tallele0\taf");
        for column in &columns {
            header.push('\t');
            header.push_str(column.name());
        }
        header.push('\n');
        file.write(vec![header.into_bytes()])?;
        Ok(Self { file, columns })
    }

    /// Appends the rows of `snps`, whose statistics are `results`; the disk is not waited for.
    pub fn write(
        &mut self,
        table: &SnpTable,
        snps: &[SnpSummary],
        results: &[SnpAssoc],
    ) -> Result<()> {
        let columns = &self.columns;
        let texts = snps
            .par_chunks(ROWS_AT_ONCE)
            .zip(results.par_chunks(ROWS_AT_ONCE))
            .map(|(snps, results)| {
                let mut text = Vec::with_capacity(snps.len() * (40 + 15 * columns.len()));
                for (snp, result) in snps.iter().zip(results) {
                    push_row(&mut text, table, snp, result, columns);
                }
                text
            })
            .collect();
        self.file.write(texts)
    }

    /// Puts the file in its place.
    pub fn finish(self) -> Result<PathBuf> {
        self.file.finish()
    }
}

fn push_row(
    text: &mut Vec<u8>,
    table: &SnpTable,
    summary: &SnpSummary,
    row: &SnpAssoc,
    columns: &[Column],
) {
    let snp = table.get(summary.snp_index);
    text.extend_from_slice(snp.chr.as_bytes());
    text.push(b'\t');
    text.extend_from_slice(snp.rs.as_bytes());
    text.push(b'\t');
    push_integer(text, snp.ps);
    text.push(b'\t');
    push_integer(text, summary.counts.missing as i64);
    text.push(b'\t');
    text.extend_from_slice(snp.allele1.as_bytes());
    text.push(b'\t');
    text.extend_from_slice(snp.allele0.as_bytes());
    text.push(b'\t');
    push_f3(text, summary.af());
    for column in columns {
        text.push(b'\t');
        push_e6(text, column.value(row));
    }
    text.push(b'\n');
}
