//! BIMBAM mean genotypes (`-g`) with or without their annotation (`-a`).

use super::source::{GenotypeBlocks, GenotypeSource};
use super::text_rows::{Record, RowFormat, TextRows};
use crate::error::Result;
use crate::genotype::{Encoding, Genotypes};
use crate::io::bim::SnpTable;
use crate::io::bimbam::annotation::{Annotation, NO_CHROMOSOME, NO_POSITION};
use crate::io::bimbam::line;
use crate::io::fam::Individual;
use crate::io::indexed_text::IndexedText;
use crate::io::regular::check_regular;
use crate::io::text::count;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A study in BIMBAM files. Its individuals have no ids.
#[derive(Debug)]
pub struct BimbamSource {
    individuals: Vec<Individual>,
    annotation: Option<PathBuf>,
    rows: TextRows<Format>,
}

impl BimbamSource {
    /// Reads the first line of `genotypes`, and `annotation`.
    ///
    /// * `genotypes`: text, plain or gzip; BGZF and plain text can be read from any line
    /// * `annotation`: id, position and chromosome of the SNPs; those that it does not list, or all without it, have
    ///   chromosome and position -9, as in GEMMA
    ///
    /// Fails if a file cannot be read more than once, is empty or is of another format.
    pub fn open(genotypes: &Path, annotation: Option<&Path>) -> Result<Self> {
        check_regular(genotypes)?;
        let n_individuals = line::n_individuals(genotypes)?;
        let format = Format {
            path: genotypes.to_path_buf(),
            n_individuals,
            annotation: annotation.map(Annotation::read).transpose()?,
        };
        Ok(Self {
            individuals: (0..n_individuals).map(Individual::numbered).collect(),
            annotation: annotation.map(Path::to_path_buf),
            rows: TextRows::new(IndexedText::new(genotypes), format),
        })
    }
}

impl GenotypeSource for BimbamSource {
    fn individuals(&self) -> &[Individual] {
        &self.individuals
    }

    fn snps(&self) -> Option<&Arc<SnpTable>> {
        None
    }

    fn encoding(&self) -> Encoding {
        Encoding::Dosage
    }

    fn blocks(&self, snps: Range<usize>, block_snps: usize) -> Result<Box<dyn GenotypeBlocks>> {
        self.rows.blocks(snps, block_snps)
    }

    fn files(&self) -> Vec<PathBuf> {
        let genotypes = self.rows.text().path().to_path_buf();
        [Some(genotypes), self.annotation.clone()]
            .into_iter()
            .flatten()
            .collect()
    }

    fn notes_after_reading(&self) -> Vec<String> {
        let (Some(annotation), Some(counts)) = (&self.annotation, self.rows.counts()) else {
            return Vec::new();
        };
        if counts.unlisted == 0 {
            return Vec::new();
        }
        vec![format!(
            "{}: {} of {} of {} are not listed; their chromosome and position are -9, as in GEMMA",
            annotation.display(),
            counts.unlisted,
            count(counts.all, "SNP"),
            self.rows.text().path().display()
        )]
    }
}

/// The lines of the file.
#[derive(Debug)]
struct Format {
    path: PathBuf,
    n_individuals: usize,
    annotation: Option<Annotation>,
}

impl RowFormat for Format {
    type Value = f64;

    fn n_individuals(&self) -> usize {
        self.n_individuals
    }

    fn n_values(&self) -> usize {
        self.n_individuals
    }

    fn parse(&self, line: u64, text: &str, values: &mut [f64]) -> Result<Record> {
        let [rs, allele1, allele0] = line::parse(&self.path, line, text, values)?;
        let place = self.annotation.as_ref().map(|all| all.get(rs));
        let (chr, ps) = place.flatten().unwrap_or((NO_CHROMOSOME, NO_POSITION));
        Ok(Record {
            chr: chr.into(),
            rs: rs.into(),
            ps,
            allele1: allele1.into(),
            allele0: allele0.into(),
            is_listed: place != Some(None),
        })
    }

    fn genotypes(values: Vec<f64>) -> Genotypes {
        Genotypes::Dosages(values)
    }

    fn values(genotypes: Genotypes) -> Option<Vec<f64>> {
        match genotypes {
            Genotypes::Dosages(values) => Some(values),
            Genotypes::Packed(_) | Genotypes::Scaled(_) => None,
        }
    }
}
