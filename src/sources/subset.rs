//! Some of the individuals of another source.

use super::source::{GenotypeBlocks, GenotypeSource};
use crate::error::Result;
use crate::genotype::{Encoding, GenotypeBlock, Genotypes, ScaledDosages, Subset};
use crate::io::bed::packed_bytes;
use crate::io::bim::SnpTable;
use crate::io::fam::Individual;
use rayon::prelude::*;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// A source that has only some of the individuals of another one, as if its files had been written without the others.
#[derive(Debug, Clone)]
pub struct SubsetSource {
    source: Arc<dyn GenotypeSource>,
    individuals: Vec<Individual>,
    subset: Arc<Subset>,
}

impl SubsetSource {
    /// The individuals at `rows` of `source`, in this order.
    ///
    /// # Panics
    /// If there are none, or a row is not one of `source`.
    #[must_use]
    pub fn new(source: Arc<dyn GenotypeSource>, rows: Vec<usize>) -> Self {
        assert!(!rows.is_empty(), "a source has individuals");
        let everybody = source.individuals();
        Self {
            individuals: rows.iter().map(|&row| everybody[row].clone()).collect(),
            subset: Arc::new(Subset::new(everybody.len(), rows)),
            source,
        }
    }
}

impl GenotypeSource for SubsetSource {
    fn individuals(&self) -> &[Individual] {
        &self.individuals
    }

    fn snps(&self) -> Option<&Arc<SnpTable>> {
        self.source.snps()
    }

    fn encoding(&self) -> Encoding {
        self.source.encoding()
    }

    fn blocks(&self, snps: Range<usize>, block_snps: usize) -> Result<Box<dyn GenotypeBlocks>> {
        Ok(Box::new(SubsetBlocks {
            blocks: self.source.blocks(snps, block_snps)?,
            subset: Arc::clone(&self.subset),
            used: None,
        }))
    }

    fn has_ids(&self) -> bool {
        self.source.has_ids()
    }

    /// Bytes of one SNP of the selected individuals and, because blocks of both are in memory, of all individuals.
    fn bytes_per_snp(&self) -> u64 {
        let own = self.encoding().bytes_per_snp(self.individuals.len());
        own + self.source.bytes_per_snp()
    }

    fn held_bytes(&self) -> u64 {
        self.source.held_bytes()
    }

    fn notes_after_reading(&self) -> Vec<String> {
        self.source.notes_after_reading()
    }

    fn check_unchanged(&self) -> Result<()> {
        self.source.check_unchanged()
    }

    fn versions(&self) -> Vec<(PathBuf, Option<String>)> {
        self.source.versions()
    }

    fn files(&self) -> Vec<PathBuf> {
        self.source.files()
    }
}

/// Blocks of the selected individuals.
struct SubsetBlocks {
    blocks: Box<dyn GenotypeBlocks>,
    subset: Arc<Subset>,
    /// Genotypes of an earlier block, whose memory is reused.
    used: Option<Genotypes>,
}

impl GenotypeBlocks for SubsetBlocks {
    fn next_block(&mut self) -> Option<Result<GenotypeBlock>> {
        let block = match self.blocks.next_block()? {
            Ok(block) => block,
            Err(error) => return Some(Err(error)),
        };
        let genotypes = selected(&block, &self.subset, self.used.take());
        let first = block.snp_indices().start;
        let (records, first_record) = block.records();
        let of_subset = GenotypeBlock::new(first, self.subset.len(), genotypes)
            .with_records(Arc::clone(records), first_record);
        self.blocks.recycle(block);
        Some(Ok(of_subset))
    }

    fn recycle(&mut self, block: GenotypeBlock) {
        self.used = Some(block.into_genotypes());
    }
}

/// The genotypes of the individuals of `subset`, SNP by SNP.
fn selected(block: &GenotypeBlock, subset: &Subset, used: Option<Genotypes>) -> Genotypes {
    let (n_snps, n_total, n) = (block.len(), block.n_individuals(), subset.len());
    match block.genotypes() {
        Genotypes::Packed(bytes) => {
            let mut out = match used {
                Some(Genotypes::Packed(used)) => used,
                _ => Vec::new(),
            };
            let stride = packed_bytes(n);
            out.resize(n_snps * stride, 0);
            out.par_chunks_exact_mut(stride)
                .zip(bytes.par_chunks_exact(packed_bytes(n_total)))
                .for_each(|(out, of_all)| {
                    subset.compact(of_all, out);
                    if let (Some(last), 1..) = (out.last_mut(), n % 4) {
                        // Zero after the last individual, as in a .bed.
                        *last &= 0xFF >> (8 - 2 * (n % 4));
                    }
                });
            Genotypes::Packed(out)
        }
        Genotypes::Dosages(values) => {
            let used = match used {
                Some(Genotypes::Dosages(used)) => used,
                _ => Vec::new(),
            };
            Genotypes::Dosages(columns(values, n_snps, subset, used))
        }
        Genotypes::Scaled(ScaledDosages { values, per_copy }) => {
            let used = match used {
                Some(Genotypes::Scaled(used)) => used.values,
                _ => Vec::new(),
            };
            Genotypes::Scaled(ScaledDosages {
                values: columns(values, n_snps, subset, used),
                per_copy: *per_copy,
            })
        }
    }
}

/// The values of the individuals of `subset`, SNP by SNP.
fn columns<T>(values: &[T], n_snps: usize, subset: &Subset, mut out: Vec<T>) -> Vec<T>
where
    T: Copy + Default + Send + Sync,
{
    out.resize(n_snps * subset.len(), T::default());
    out.par_chunks_exact_mut(subset.len())
        .zip(values.par_chunks_exact(subset.n_total()))
        .for_each(|(out, of_all)| {
            for (x, &row) in out.iter_mut().zip(subset.rows()) {
                *x = of_all[row];
            }
        });
    out
}

#[cfg(test)]
mod tests {
    use super::super::MemorySource;
    use super::*;
    use crate::io::bim::Snp;

    fn source(genotypes: Genotypes) -> SubsetSource {
        let individuals: Vec<Individual> = (0..5)
            .map(|i| Individual {
                fid: "f".into(),
                iid: format!("i{i}").into(),
            })
            .collect();
        let snps = SnpTable::of(["rs1", "rs2"].iter().map(|rs| Snp {
            chr: "1",
            rs,
            ps: 1,
            allele1: "A",
            allele0: "C",
        }));
        let source = MemorySource::new(individuals, snps, genotypes).unwrap();
        SubsetSource::new(Arc::new(source), vec![0, 2, 4])
    }

    #[test]
    fn only_the_selected_individuals_have_genotypes() {
        let packed = vec![0b11_10_01_00, 0b10, 0b00_00_01_11, 0b01];
        let values = vec![510, u16::MAX, 255, 0, 9, 0, u16::MAX, 510, 510, u16::MAX];
        let nan = f64::NAN;
        let dosages = vec![2.0, nan, 1.0, 0.0, 0.25, 0.0, nan, 2.0, 2.0, 0.5];
        for (genotypes, expected) in [
            (
                Genotypes::Packed(packed),
                Genotypes::Packed(vec![0b10_10_00, 0b01_00_11]),
            ),
            (
                Genotypes::Dosages(dosages),
                Genotypes::Dosages(vec![2.0, 1.0, 0.25, 0.0, 2.0, 0.5]),
            ),
            (
                Genotypes::Scaled(ScaledDosages {
                    values,
                    per_copy: 255,
                }),
                Genotypes::Scaled(ScaledDosages {
                    values: vec![510, 255, 9, 0, 510, u16::MAX],
                    per_copy: 255,
                }),
            ),
        ] {
            let source = source(genotypes);
            assert_eq!(source.individuals().len(), 3);
            let mut blocks = source.blocks(0..usize::MAX, 2).unwrap();
            let block = blocks.next_block().unwrap().unwrap();
            assert_eq!(block.genotypes(), &expected);
            assert_eq!(block.record(1).rs, "rs2");
            assert!(blocks.next_block().is_none());
            // Memory of another length is reused.
            let mut blocks = source.blocks(0..usize::MAX, 1).unwrap();
            blocks.recycle(block);
            let block = blocks.next_block().unwrap().unwrap();
            assert_eq!((block.len(), block.n_individuals()), (1, 3));
        }
    }
}
