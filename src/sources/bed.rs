//! PLINK 1 binary files: `PREFIX.bed`, `PREFIX.bim` and `PREFIX.fam`, local or at a URL.

mod blocks;
#[cfg(feature = "cloud")]
mod connect;
#[cfg(feature = "cloud")]
mod fault;
#[cfg(feature = "cloud")]
mod read_ahead;
#[cfg(feature = "cloud")]
mod remote;
mod url;
#[cfg(feature = "cloud")]
mod url_source;

use blocks::BedBlocks;
pub use url::PlinkUrl;
pub(crate) use url::{is_url, without_secrets};
#[cfg(feature = "cloud")]
pub use url_source::BedUrlSource;

use super::prefix;
use super::source::{GenotypeBlocks, GenotypeSource};
use crate::error::{Error, Result};
use crate::genotype::Encoding;
use crate::io::bed::{BedFile, packed_bytes};
use crate::io::bim::{SnpTable, read_bim_of};
use crate::io::fam::{Fam, Individual, read_fam};
use crate::io::regular::check_regular;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Extensions of the files of a prefix, in the order in which they are checked.
const EXTENSIONS: [&str; 3] = ["bed", "bim", "fam"];

/// `PREFIX.extension`; the prefix may contain dots.
pub(crate) fn plink_path(prefix: &Path, extension: &str) -> PathBuf {
    let mut path = prefix.as_os_str().to_owned();
    path.push(".");
    path.push(extension);
    path.into()
}

/// `PREFIX.bed`, `PREFIX.bim` and `PREFIX.fam`.
pub(crate) fn plink_files(prefix: &Path) -> [PathBuf; 3] {
    EXTENSIONS.map(|extension| plink_path(prefix, extension))
}

/// A study in PLINK 1 files.
#[derive(Debug)]
pub struct BedSource {
    prefix: PathBuf,
    fam: Fam,
    snps: Arc<SnpTable>,
}

impl BedSource {
    /// Reads `PREFIX.fam` and `PREFIX.bim`, and checks the header and the length of `PREFIX.bed`.
    ///
    /// Fails if one of the three files cannot be opened, or if [`read_fam`], [`read_bim_of`] or [`BedFile::open`]
    /// fails. If `prefix` is not the prefix of PLINK files, the error states what it is.
    pub fn open(prefix: &Path) -> Result<Self> {
        check_files(prefix)?;
        let fam = read_fam(&plink_path(prefix, "fam"))?;
        let bed = plink_path(prefix, "bed");
        let n = fam.individuals().len();
        let snps = read_bim_of(&plink_path(prefix, "bim"), most_snps(&bed, n))?;
        BedFile::open(&bed, n, snps.len())?;
        Ok(Self {
            prefix: prefix.to_path_buf(),
            fam,
            snps: Arc::new(snps),
        })
    }

    /// The individuals with their phenotypes.
    #[must_use]
    pub fn fam(&self) -> &Fam {
        &self.fam
    }
}

impl GenotypeSource for BedSource {
    fn individuals(&self) -> &[Individual] {
        self.fam.individuals()
    }

    fn snps(&self) -> Option<&Arc<SnpTable>> {
        Some(&self.snps)
    }

    fn encoding(&self) -> Encoding {
        Encoding::Packed
    }

    fn blocks(&self, snps: Range<usize>, block_snps: usize) -> Result<Box<dyn GenotypeBlocks>> {
        let (n, p) = (self.individuals().len(), self.snps.len());
        let bed = BedFile::open(&plink_path(&self.prefix, "bed"), n, p)?;
        let snps = snps.start..snps.end.min(p);
        let blocks = BedBlocks::start(bed, &self.snps, snps, block_snps)?;
        Ok(Box::new(blocks))
    }

    fn files(&self) -> Vec<PathBuf> {
        plink_files(&self.prefix).into()
    }
}

/// Fails if one of the three files cannot be opened.
fn check_files(prefix: &Path) -> Result<()> {
    for extension in EXTENSIONS {
        let path = plink_path(prefix, extension);
        let opened = check_regular(&path)
            .and_then(|()| std::fs::File::open(&path).map_err(Error::io("open", &path)));
        if let Err(error) = opened {
            return Err(prefix::mistake(prefix).unwrap_or(error));
        }
    }
    Ok(())
}

/// Maximum number of SNPs in a `.bed` of this size.
fn most_snps(bed: &Path, n_individuals: usize) -> usize {
    let bytes = std::fs::metadata(bed).map_or(u64::MAX, |bed| bed.len());
    (bytes / packed_bytes(n_individuals).max(1) as u64) as usize
}

/// Decodes the SNPs of `range` with `bed-reader`: copies of allele1 (0, 1, 2), NaN if missing.
///
/// Column-major, `n_individuals` values for each SNP. Fails as [`BedFile::open`] does.
#[cfg(any(test, feature = "cloud"))]
pub fn read_dosages(
    path: &Path,
    n_individuals: usize,
    n_snps: usize,
    range: Range<usize>,
) -> Result<Vec<f64>> {
    BedFile::open(path, n_individuals, n_snps)?;
    let decode = || -> std::result::Result<Vec<f64>, Box<bed_reader::BedErrorPlus>> {
        let mut bed = bed_reader::Bed::builder(path)
            .iid_count(n_individuals)
            .sid_count(n_snps)
            .build()?;
        let values = bed_reader::ReadOptions::builder()
            .sid_index(range)
            .count_a1()
            .f64()
            .read(&mut bed)?;
        Ok(values.t().iter().copied().collect())
    };
    decode().map_err(|e| Error::malformed(path, e.to_string(), ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn decoded_values_count_allele1() {
        let mut f = tempfile::NamedTempFile::new().unwrap();
        f.write_all(&[0x6c, 0x1b, 1, 0b11_10_01_00, 0b00_00_00_10])
            .unwrap();
        let values = read_dosages(f.path(), 5, 1, 0..1).unwrap();
        assert_eq!(values[0], 2.0);
        assert!(values[1].is_nan());
        assert_eq!(values[2..], [1.0, 0.0, 1.0]);
    }
}
