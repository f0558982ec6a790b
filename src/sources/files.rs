//! Files of genotypes, as a command line names them, and the source that reads them.

use super::settings::{BgenReference, HardCalls, NumericValues, VcfField};
use super::source::GenotypeSource;
use super::{BedSource, BimbamSource, NumericSource, PgenSource, PlinkUrl, plink_files};
use crate::error::Result;
use crate::genotype::SnpSelection;
use crate::io::fam::Fam;
use crate::io::regular::files_below;
use crate::io::sex::Sex;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files of genotypes. A format is a variant here, and a source in this folder.
#[derive(Debug, Clone, PartialEq)]
pub enum GenotypeFiles {
    /// `-bfile`: the prefix of local PLINK 1 files.
    Plink(PathBuf),
    /// `-bfile`: the URL of PLINK 1 files.
    PlinkUrl(PlinkUrl),
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

/// An open source with the traits that its files contain.
#[derive(Debug)]
pub struct OpenGenotypes {
    /// The genotypes.
    pub source: Arc<dyn GenotypeSource>,
    /// Traits in the same files.
    pub own_traits: OwnTraits,
    /// The file that states the sexes of the individuals, and the sexes.
    pub own_sexes: Option<(PathBuf, Vec<Sex>)>,
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
            own_sexes: None,
            notes: Vec::new(),
        }
    }
}

impl GenotypeFiles {
    /// PLINK 1 files, of which `bfile` is a local prefix or a URL.
    ///
    /// Fails if it is a URL that [cannot be read](PlinkUrl::parse).
    pub fn plink(bfile: &Path) -> Result<Self> {
        match PlinkUrl::parse(bfile) {
            Some(url) => url.map(Self::PlinkUrl),
            None => Ok(Self::Plink(bfile.to_path_buf())),
        }
    }

    /// Opens the files and checks what can be checked without reading all genotypes.
    ///
    /// Fails if a file is missing, is not of the format, or is damaged.
    pub fn open(&self) -> Result<OpenGenotypes> {
        self.open_for(None)
    }

    /// As [`open`](Self::open), for a run that needs only the SNPs that `needed` chooses by their chromosomes and positions:
    /// of a VCF or BCF file with an index, only their part is read.
    pub fn open_for(&self, needed: Option<&SnpSelection>) -> Result<OpenGenotypes> {
        let _ = needed;
        match self {
            Self::Plink(prefix) => open_plink(prefix),
            Self::PlinkUrl(url) => open_url(url),
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
            #[cfg(feature = "bgen")]
            Self::Bgen {
                bgen,
                sample,
                reference,
                hard_calls,
            } => {
                let options = super::BgenOptions {
                    reference: *reference,
                    hard_calls: *hard_calls,
                };
                let source = super::BgenSource::open(bgen, sample.as_deref(), options)?;
                Ok(OpenGenotypes {
                    own_sexes: (source.sexes())
                        .map(|(path, sexes)| (path.to_path_buf(), sexes.to_vec())),
                    notes: source.opening_notes().to_vec(),
                    ..OpenGenotypes::new(source)
                })
            }
            #[cfg(not(feature = "bgen"))]
            Self::Bgen { .. } => Err(not_built("--bgen", "bgen", "BGEN files")),
            Self::Pgen { prefix, hard_calls } => {
                let source = PgenSource::open(prefix, *hard_calls)?;
                let psam = source.psam_path().to_path_buf();
                let sexes = source.psam().sexes();
                Ok(OpenGenotypes {
                    own_sexes: sexes.map(|sexes| (psam.clone(), sexes.to_vec())),
                    own_traits: OwnTraits::Psam(psam),
                    notes: source.notes(),
                    ..OpenGenotypes::new(source)
                })
            }
            #[cfg(feature = "vcf")]
            Self::Vcf {
                vcf,
                dosages,
                hard_calls,
            } => {
                let source = super::VcfSource::open(vcf, *dosages, *hard_calls, needed)?;
                Ok(OpenGenotypes {
                    notes: source.opening_notes().to_vec(),
                    ..OpenGenotypes::new(source)
                })
            }
            #[cfg(not(feature = "vcf"))]
            Self::Vcf { .. } => Err(not_built("--vcf", "vcf", "VCF and BCF files")),
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
            #[cfg(feature = "zarr")]
            Self::Zarr {
                store,
                dosages,
                hard_calls,
            } => {
                let (source, notes) = super::ZarrSource::open(store, *dosages, *hard_calls)?;
                Ok(OpenGenotypes {
                    notes,
                    ..OpenGenotypes::new(source)
                })
            }
            #[cfg(not(feature = "zarr"))]
            Self::Zarr { .. } => Err(not_built("--zarr", "zarr", "VCF Zarr stores")),
        }
    }

    /// Which allele of a SNP is allele1, the counted one, and where the files name it.
    #[must_use]
    pub fn counted_allele(&self) -> String {
        match self {
            Self::Plink(prefix) => {
                let bim = super::plink_path(prefix, "bim");
                format!("A1, column 5 of {}", bim.display())
            }
            Self::PlinkUrl(url) => format!("A1, column 5 of {}", url.file("bim").display()),
            Self::Bimbam { genotypes, .. } => format!("column 2 of {}", genotypes.display()),
            Self::Bgen {
                bgen, reference, ..
            } => {
                let which = match reference {
                    BgenReference::First => "second",
                    BgenReference::Last => "first",
                };
                format!("the {which} allele in {}", bgen.display())
            }
            Self::Pgen { prefix, .. } => {
                let pvar = super::plink_path(prefix, "pvar");
                format!("ALT in {}", pvar.display())
            }
            Self::Vcf { vcf, .. } => format!("ALT in {}", vcf.display()),
            Self::Numeric {
                matrix, snp_map, ..
            } => {
                let file = snp_map.as_ref().unwrap_or(matrix);
                format!("allele1 in {}", file.display())
            }
            Self::Zarr { store, .. } => format!("ALT in {}", store.display()),
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

    /// The files that will be read, paths or URLs, as far as they are known before they are opened.
    #[must_use]
    pub fn paths(&self) -> Vec<PathBuf> {
        match self {
            Self::Plink(prefix) => plink_files(prefix).into(),
            Self::PlinkUrl(url) => url.files().into(),
            Self::Bimbam {
                genotypes,
                annotation,
            } => [Some(genotypes), annotation.as_ref()]
                .into_iter()
                .flatten()
                .cloned()
                .collect(),
            Self::Bgen { bgen, sample, .. } => {
                let mut index = bgen.as_os_str().to_owned();
                index.push(".bgi");
                let files = [Some(bgen.clone()), sample.clone(), Some(index.into())];
                files.into_iter().flatten().collect()
            }
            // The file of SNPs may be compressed.
            Self::Pgen { prefix, .. } => ["pgen", "pvar", "pvar.zst", "pvar.gz", "psam"]
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
            Self::Zarr { store, .. } => files_below(store),
        }
    }
}

fn open_plink(prefix: &Path) -> Result<OpenGenotypes> {
    let source = BedSource::open(prefix)?;
    let [.., path] = plink_files(prefix);
    let fam = source.fam().clone();
    Ok(OpenGenotypes {
        own_sexes: Some((path.clone(), fam.sexes().to_vec())),
        own_traits: OwnTraits::Fam(path, fam),
        ..OpenGenotypes::new(source)
    })
}

#[cfg(feature = "cloud")]
fn open_url(url: &PlinkUrl) -> Result<OpenGenotypes> {
    let source = super::BedUrlSource::open(url)?;
    let (path, fam) = (url.file("fam"), source.fam().clone());
    Ok(OpenGenotypes {
        own_sexes: Some((path.clone(), fam.sexes().to_vec())),
        own_traits: OwnTraits::Fam(path, fam),
        notes: source.opening_notes(),
        ..OpenGenotypes::new(source)
    })
}

#[cfg(not(feature = "cloud"))]
fn open_url(url: &PlinkUrl) -> Result<OpenGenotypes> {
    Err(crate::error::Error::option(
        "-bfile",
        format!("{url}: this build of jamma does not read URLs"),
        "download the three files, or build jamma with the default features (cloud)",
    ))
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
#[cfg(not(all(feature = "bgen", feature = "vcf", feature = "zarr")))]
fn not_built(option: &str, feature: &str, content: &str) -> crate::error::Error {
    let (what, hint) = crate::io::features::not_built(feature, content);
    crate::error::Error::option(option, what, hint)
}
