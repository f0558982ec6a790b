//! A study in memory.

use super::ranges::{RangeBlocks, RangeReader};
use super::source::{GenotypeBlocks, GenotypeSource};
use crate::error::{Error, Result};
use crate::genotype::{Encoding, GenotypeBlock, Genotypes, ScaledDosages};
use crate::io::bed::packed_bytes;
use crate::io::bim::SnpTable;
use crate::io::fam::Individual;
use crate::io::text::count;
use std::ops::Range;
use std::sync::Arc;

/// Individuals, SNPs and genotypes in memory; a clone shares them with the original.
#[derive(Debug, Clone)]
pub struct MemorySource {
    individuals: Arc<[Individual]>,
    snps: Arc<SnpTable>,
    genotypes: Arc<Genotypes>,
}

impl MemorySource {
    /// A source of these individuals and SNPs.
    ///
    /// Fails with [`Error::Inconsistent`] if the genotypes do not match the numbers of SNPs and individuals.
    pub fn new(
        individuals: impl Into<Arc<[Individual]>>,
        snps: impl Into<Arc<SnpTable>>,
        genotypes: impl Into<Arc<Genotypes>>,
    ) -> Result<Self> {
        let (individuals, snps) = (individuals.into(), snps.into());
        let genotypes = genotypes.into();
        let (n, p) = (individuals.len(), snps.len());
        if genotypes.n_snps(n) != Some(p) {
            return Err(Error::inconsistent(
                format!(
                    "the genotypes in memory do not match {} of {}",
                    count(p, "SNP"),
                    count(n, "individual")
                ),
                "give one genotype for each SNP and individual, SNP by SNP",
            ));
        }
        Ok(Self {
            individuals,
            snps,
            genotypes,
        })
    }
}

impl GenotypeSource for MemorySource {
    fn individuals(&self) -> &[Individual] {
        &self.individuals
    }

    fn snps(&self) -> Option<&Arc<SnpTable>> {
        Some(&self.snps)
    }

    fn encoding(&self) -> Encoding {
        self.genotypes.encoding()
    }

    fn blocks(&self, snps: Range<usize>, block_snps: usize) -> Result<Box<dyn GenotypeBlocks>> {
        let snps = snps.start..snps.end.min(self.snps.len());
        Ok(Box::new(RangeBlocks::new(self.clone(), snps, block_snps)))
    }
}

/// Copies consecutive SNPs.
impl RangeReader for MemorySource {
    fn read(&mut self, snps: Range<usize>) -> Result<Option<GenotypeBlock>> {
        let n = self.individuals.len();
        let of = |stride: usize| snps.start * stride..snps.end * stride;
        let genotypes = match &*self.genotypes {
            Genotypes::Packed(bytes) => Genotypes::Packed(bytes[of(packed_bytes(n))].to_vec()),
            Genotypes::Dosages(values) => Genotypes::Dosages(values[of(n)].to_vec()),
            Genotypes::Scaled(scaled) => Genotypes::Scaled(ScaledDosages {
                values: scaled.values[of(n)].to_vec(),
                per_copy: scaled.per_copy,
            }),
        };
        let block = GenotypeBlock::new(snps.start, n, genotypes);
        Ok(Some(block.with_records(Arc::clone(&self.snps), snps.start)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn genotypes_of_another_number_of_snps_are_an_error() {
        let individuals: Vec<Individual> = ["a", "b"]
            .map(|iid| Individual {
                fid: "f".into(),
                iid: iid.into(),
            })
            .into();
        let source =
            |genotypes| MemorySource::new(individuals.clone(), SnpTable::default(), genotypes);
        assert!(source(Genotypes::Packed(Vec::new())).is_ok());
        for genotypes in [
            Genotypes::Packed(vec![0]),
            Genotypes::Dosages(vec![0.0, 1.0]),
            Genotypes::Dosages(vec![0.0]),
        ] {
            let text = source(genotypes).unwrap_err().to_string();
            assert!(text.contains("0 SNPs of 2 individuals"), "{text}");
        }
    }
}
