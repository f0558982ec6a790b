//! Sources that read a text file with one SNP a line.

use super::ranges::{RangeBlocks, RangeReader};
use super::source::GenotypeBlocks;
use crate::error::Result;
use crate::genotype::{GenotypeBlock, Genotypes};
use crate::io::bim::{Snp, SnpTable};
use crate::io::indexed_text::{IndexedText, LinesAhead};
use rayon::prelude::*;
use std::fmt::Debug;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Lines that one task parses at least.
const LINES_PER_TASK: usize = 4;

/// How the lines of a file are parsed.
pub(super) trait RowFormat: Send + Sync + Debug {
    /// What a line is parsed to: dosages, or bytes of packed genotypes.
    type Value: Copy + Default + Send + Sync;

    /// Lines before the first SNP.
    fn n_header_lines(&self) -> u64 {
        0
    }

    /// Number of individuals.
    fn n_individuals(&self) -> usize;

    /// Values of a SNP.
    fn n_values(&self) -> usize;

    /// Parses a line with its 1-based number.
    fn parse(&self, line: u64, text: &str, values: &mut [Self::Value]) -> Result<Record>;

    /// The values of whole SNPs as genotypes.
    fn genotypes(values: Vec<Self::Value>) -> Genotypes;

    /// The values of genotypes, to reuse their memory.
    fn values(genotypes: Genotypes) -> Option<Vec<Self::Value>>;
}

/// The record of a SNP.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) chr: Box<str>,
    pub(super) rs: Box<str>,
    pub(super) ps: i64,
    pub(super) allele1: Box<str>,
    pub(super) allele0: Box<str>,
    /// Whether another file, which lists the SNPs, has this one.
    pub(super) is_listed: bool,
}

impl Record {
    pub(super) fn snp(&self) -> Snp<'_> {
        Snp {
            chr: &self.chr,
            rs: &self.rs,
            ps: self.ps,
            allele1: &self.allele1,
            allele0: &self.allele0,
        }
    }
}

/// The SNPs of a file, counted when all of them are first read in order.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SnpCounts {
    pub(super) all: usize,
    /// Those that the other file does not list.
    pub(super) unlisted: usize,
}

/// A file of SNPs and its format; a clone shares them.
#[derive(Debug)]
pub(super) struct TextRows<F> {
    text: IndexedText,
    format: Arc<F>,
    counts: Arc<OnceLock<SnpCounts>>,
}

impl<F: RowFormat + 'static> TextRows<F> {
    pub(super) fn new(text: IndexedText, format: F) -> Self {
        Self {
            text,
            format: Arc::new(format),
            counts: Arc::default(),
        }
    }

    pub(super) fn text(&self) -> &IndexedText {
        &self.text
    }

    /// The numbers of SNPs, if all of them have been read.
    pub(super) fn counts(&self) -> Option<SnpCounts> {
        self.counts.get().copied()
    }

    /// As [`GenotypeSource::blocks`](super::GenotypeSource::blocks).
    pub(super) fn blocks(
        &self,
        snps: Range<usize>,
        block_snps: usize,
    ) -> Result<Box<dyn GenotypeBlocks>> {
        let first_line = (snps.start as u64).saturating_add(self.format.n_header_lines());
        let rows = Rows {
            lines: self.text.lines_from(first_line)?,
            format: Arc::clone(&self.format),
            counts: Arc::clone(&self.counts),
            // Only a reader of all SNPs counts them.
            n_read: (snps.start == 0).then(SnpCounts::default),
            values: Vec::new(),
        };
        Ok(Box::new(RangeBlocks::new(rows, snps, block_snps)))
    }
}

/// The lines of a range of SNPs, which a thread reads ahead and all threads parse.
struct Rows<F: RowFormat> {
    lines: LinesAhead,
    format: Arc<F>,
    counts: Arc<OnceLock<SnpCounts>>,
    n_read: Option<SnpCounts>,
    /// Memory for the next block.
    values: Vec<F::Value>,
}

impl<F: RowFormat> RangeReader for Rows<F> {
    /// Fails at the first line that is malformed.
    fn read(&mut self, snps: Range<usize>) -> Result<Option<GenotypeBlock>> {
        let most = snps.len();
        let n_values = self.format.n_values();
        let mut values = std::mem::take(&mut self.values);
        values.clear();
        let mut records: Vec<Record> = Vec::new();
        while records.len() < most {
            let Some((batch, lines)) = self.lines.next_lines(most - records.len())? else {
                if let Some(counts) = self.n_read.as_mut() {
                    counts.all += records.len();
                    counts.unlisted += n_unlisted(&records);
                    let _ = self.counts.set(*counts);
                }
                self.n_read = None;
                break;
            };
            let start = values.len();
            values.resize(start + lines.len() * n_values, F::Value::default());
            let format = &*self.format;
            let parsed: Vec<Result<Record>> = values[start..]
                .par_chunks_mut(n_values)
                .zip(lines)
                .with_min_len(LINES_PER_TASK)
                .map(|(values, i)| {
                    let (line, text) = batch.get(i);
                    format.parse(line, text, values)
                })
                .collect();
            for record in parsed {
                records.push(record?);
            }
        }
        if records.is_empty() {
            return Ok(None);
        }
        if let Some(counts) = self.n_read.as_mut() {
            counts.all += records.len();
            counts.unlisted += n_unlisted(&records);
        }
        let table = SnpTable::of(records.iter().map(Record::snp));
        let genotypes = F::genotypes(values);
        let block = GenotypeBlock::new(snps.start, self.format.n_individuals(), genotypes);
        Ok(Some(block.with_records(Arc::new(table), 0)))
    }

    fn recycle(&mut self, block: GenotypeBlock) {
        if let Some(values) = F::values(block.into_genotypes()) {
            self.values = values;
        }
    }
}

fn n_unlisted(records: &[Record]) -> usize {
    records.iter().filter(|record| !record.is_listed).count()
}
