//! Files of genotypes, as a command line names them, and the source that reads them.

use super::source::GenotypeSource;
use super::{BedSource, BimbamSource, NumericSource, NumericValues, plink_files};
use crate::error::{Error, Result};
use crate::io::fam::Fam;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files of genotypes. A format is a variant here, and a source in this folder.
#[derive(Debug, Clone, PartialEq)]
pub enum GenotypeFiles {
    /// `-bfile`: the prefix of PLINK 1 files.
    Plink(PathBuf),
    /// `-g`: BIMBAM mean genotypes.
    Bimbam {
        /// `-g`.
        genotypes: PathBuf,
        /// `-a`: positions and chromosomes of the SNPs.
        annotation: Option<PathBuf>,
    },
    /// `--bgen`: a BGEN file.
    Bgen {
        /// `--bgen`.
        bgen: PathBuf,
        /// `--sample`: the individuals.
        sample: Option<PathBuf>,
        /// `--bgen-ref`: which of the two alleles is REF; the other one is counted.
        reference: BgenReference,
        /// `--hard-call-threshold`.
        hard_calls: Option<HardCalls>,
    },
    /// `--pfile`: the prefix of PLINK 2 files.
    Pgen {
        /// `--pfile`.
        prefix: PathBuf,
        /// `--hard-call-threshold`.
        hard_calls: Option<HardCalls>,
    },
    /// `--vcf`: a VCF or BCF file.
    Vcf {
        /// `--vcf`.
        vcf: PathBuf,
        /// `--dosage`: the field of dosages; hard calls (GT) without it.
        dosages: Option<VcfField>,
        /// `--hard-call-threshold`.
        hard_calls: Option<HardCalls>,
    },
    /// `--numeric`: a matrix of dosages with ids, or HapMap text.
    Numeric {
        /// `--numeric`.
        matrix: PathBuf,
        /// `--snp-map`: chromosome, position and alleles of the SNPs.
        snp_map: Option<PathBuf>,
        /// The values.
        values: NumericValues,
    },
    /// `--zarr`: a VCF Zarr store.
    Zarr {
        /// `--zarr`.
        store: PathBuf,
        /// `--dosage`: the field of dosages; hard calls (call_genotype) without it.
        dosages: Option<VcfField>,
        /// `--hard-call-threshold`.
        hard_calls: Option<HardCalls>,
    },
}

/// The largest distance from a whole number at which a dosage still is a hard call (`--hard-call-threshold`), from 0 to
/// 0.499999. With it, a source of dosages gives hard calls; dosages that are further away become missing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HardCalls(pub f64);

impl HardCalls {
    /// The number of copies that a dosage from 0 to 2 is called; `None` if it is missing.
    #[must_use]
    pub fn call(self, dosage: f64) -> Option<u8> {
        let nearest = dosage.round();
        // NaN compares false.
        ((dosage - nearest).abs() <= self.0).then_some(nearest as u8)
    }
}

/// The position of the REF allele in a BGEN file (`--bgen-ref`), which the file does not state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BgenReference {
    /// REF is the first allele; the second allele is counted.
    #[default]
    First,
    /// REF is the last allele, as `plink2 --export bgen-1.2` writes it by default; the first allele is counted.
    Last,
}

/// A field of dosages of VCF (`--dosage`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VcfField {
    /// DS: dosages of ALT.
    Ds,
    /// GP: probabilities of the three genotypes.
    Gp,
}

/// An open source with the traits that its files contain.
#[derive(Debug)]
pub struct OpenGenotypes {
    /// The genotypes.
    pub source: Arc<dyn GenotypeSource>,
    /// Traits in the same files.
    pub own_traits: OwnTraits,
    /// Notes for the user.
    pub notes: Vec<String>,
}

/// The traits that come with genotypes.
#[derive(Debug)]
pub enum OwnTraits {
    /// None.
    None,
    /// The phenotype columns of a `.fam`.
    Fam(PathBuf, Fam),
    /// The named columns of a `.psam`.
    Psam(PathBuf),
}

impl OpenGenotypes {
    /// A source without traits and notes.
    #[must_use]
    pub fn new(source: impl GenotypeSource + 'static) -> Self {
        Self {
            source: Arc::new(source),
            own_traits: OwnTraits::None,
            notes: Vec::new(),
        }
    }
}

impl GenotypeFiles {
    /// Opens the files and checks what can be checked without reading all genotypes.
    ///
    /// Fails if a file is missing, is not of the format, or is damaged.
    pub fn open(&self) -> Result<OpenGenotypes> {
        match self {
            Self::Plink(prefix) => {
                let source = BedSource::open(prefix)?;
                let [.., path] = plink_files(prefix);
                let own_traits = OwnTraits::Fam(path, source.fam().clone());
                Ok(OpenGenotypes {
                    own_traits,
                    ..OpenGenotypes::new(source)
                })
            }
            Self::Bimbam {
                genotypes,
                annotation,
            } => {
                let source = BimbamSource::open(genotypes, annotation.as_deref())?;
                let notes = match annotation {
                    None => vec![format!(
                        "{}: without -a, the chromosome and position of every SNP are -9, as in GEMMA",
                        genotypes.display()
                    )],
                    Some(_) => Vec::new(),
                };
                Ok(OpenGenotypes {
                    notes,
                    ..OpenGenotypes::new(source)
                })
            }
            Self::Bgen { .. } => Err(not_built("--bgen")),
            Self::Pgen { .. } => Err(not_built("--pfile")),
            Self::Vcf { .. } => Err(not_built("--vcf")),
            Self::Numeric {
                matrix,
                snp_map,
                values,
            } => {
                let source = NumericSource::open(matrix, snp_map.as_deref(), *values)?;
                Ok(OpenGenotypes {
                    notes: numeric_notes(matrix, *values),
                    ..OpenGenotypes::new(source)
                })
            }
            Self::Zarr { .. } => Err(not_built("--zarr")),
        }
    }

    /// Whether the values are dosages, which have an allele frequency.
    #[must_use]
    pub fn are_dosages(&self) -> bool {
        !matches!(
            self,
            Self::Numeric {
                values: NumericValues::Any,
                ..
            }
        )
    }

    /// The files that will be read, as far as they are known before they are opened.
    #[must_use]
    pub fn paths(&self) -> Vec<PathBuf> {
        match self {
            Self::Plink(prefix) => plink_files(prefix).into(),
            Self::Bimbam {
                genotypes,
                annotation,
            } => [Some(genotypes), annotation.as_ref()]
                .into_iter()
                .flatten()
                .cloned()
                .collect(),
            Self::Bgen { bgen, sample, .. } => [Some(bgen), sample.as_ref()]
                .into_iter()
                .flatten()
                .cloned()
                .collect(),
            // The file of SNPs may be compressed.
            Self::Pgen { prefix, .. } => ["pgen", "pvar", "pvar.zst", "psam"]
                .map(|extension| super::plink_path(prefix, extension))
                .into(),
            Self::Vcf { vcf, .. } => vec![vcf.clone()],
            Self::Numeric {
                matrix, snp_map, ..
            } => [Some(matrix), snp_map.as_ref()]
                .into_iter()
                .flatten()
                .cloned()
                .collect(),
            Self::Zarr { store, .. } => vec![store.clone()],
        }
    }
}

fn numeric_notes(matrix: &Path, values: NumericValues) -> Vec<String> {
    match values {
        NumericValues::Dosages { .. } => Vec::new(),
        NumericValues::Any => vec![format!(
            "{}: with --no-dosage-range, values are not dosages, so -maf and -hwe are off; the column af is half the mean of the values",
            matrix.display()
        )],
    }
}

/// The error for a format that this build does not read.
fn not_built(option: &str) -> Error {
    Error::option(
        option,
        "this build of jamma does not read the format",
        "build it with the default features",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hard_calls_are_near_whole_numbers() {
        let calls = |threshold| {
            [0.0, 0.1, 0.11, 0.89, 1.0, 1.95, f64::NAN].map(|x| HardCalls(threshold).call(x))
        };
        assert_eq!(
            calls(0.1),
            [Some(0), Some(0), None, None, Some(1), Some(2), None]
        );
        assert_eq!(
            calls(0.2),
            [Some(0), Some(0), Some(0), Some(1), Some(1), Some(2), None]
        );
    }
}
