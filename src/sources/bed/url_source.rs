//! PLINK 1 files at a URL.

use super::blocks::BedBlocks;
use super::connect;
use super::read_ahead::{HELD_BYTES, ReadAhead, read_all};
use super::remote::{Network, RemoteFile};
use super::url::PlinkUrl;
use crate::error::Result;
use crate::genotype::Encoding;
use crate::io::bed::{BedFile, START_BYTES, bytes_of_snps, check_start, packed_bytes};
use crate::io::bim::{SnpTable, read_bim_in};
use crate::io::fam::{Fam, Individual, read_fam_in};
use crate::sources::source::{GenotypeBlocks, GenotypeSource};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// A study in PLINK 1 files at a URL, with the results of the same files on a local disk.
///
/// The `.fam` and the `.bim` are read into memory when the source is opened. Each pass over the genotypes reads the SNPs that it
/// needs from the `.bed`, in ranges of bytes, several of them ahead. The files must not change meanwhile: every reply states
/// the length, and nearly every server an ETag or a time of modification, which must be those of the opened file.
#[derive(Debug)]
pub struct BedUrlSource {
    url: PlinkUrl,
    files: [Arc<RemoteFile>; 3],
    fam: Fam,
    snps: Arc<SnpTable>,
}

impl BedUrlSource {
    /// Reads the `.fam` and the `.bim`, and checks the header and the length of the `.bed`.
    ///
    /// Fails if one of the three files cannot be read, the server does not send parts of files, or the files are malformed or
    /// disagree, as for local files.
    pub fn open(url: &PlinkUrl) -> Result<Self> {
        let network = Network::start()?;
        let bed = connect::open(url)?;
        let beside = |extension: &str| {
            let mut object = bed.clone();
            let renamed = object.set_extension(extension);
            renamed.expect("an extension can be replaced in a name that was parsed");
            (url.file(extension), object, Arc::clone(&network))
        };
        let (name, object, threads) = beside("fam");
        let (fam_file, bytes) = read_all(name, object, threads)?;
        let fam = read_fam_in(fam_file.url(), bytes)?;
        let n = fam.individuals().len();
        let (name, object, threads) = beside("bed");
        let (bed, start) = RemoteFile::open(name, object, threads, START_BYTES)?;
        let most_snps = bed.n_bytes() / packed_bytes(n).max(1) as u64;
        let (name, object, threads) = beside("bim");
        let (bim, bytes) = read_all(name, object, threads)?;
        let snps = read_bim_in(bim.url(), bytes, most_snps as usize)?;
        check_start(bed.url(), &start, bed.n_bytes(), (n, snps.len()))?;
        Ok(Self {
            url: url.clone(),
            files: [bed, bim, fam_file],
            fam,
            snps: Arc::new(snps),
        })
    }

    /// The individuals with their phenotypes.
    #[must_use]
    pub fn fam(&self) -> &Fam {
        &self.fam
    }

    /// Notes on servers that state too little to notice a change of a file.
    pub(crate) fn opening_notes(&self) -> Vec<String> {
        self.files.iter().filter_map(|file| file.note()).collect()
    }

    /// Reads only the `.fam` at `url`.
    #[cfg(feature = "python")]
    pub(crate) fn read_fam(url: &PlinkUrl) -> Result<Fam> {
        let mut object = connect::open(url)?;
        object
            .set_extension("fam")
            .expect("an extension can be replaced in a name that was parsed");
        let (_, bytes) = read_all(url.file("fam"), object, Network::start()?)?;
        read_fam_in(&url.file("fam"), bytes)
    }
}

impl GenotypeSource for BedUrlSource {
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
        let snps = snps.start.min(p)..snps.end.min(p);
        let file = &self.files[0];
        let content = ReadAhead::new(Arc::clone(file), bytes_of_snps(n, snps.clone()).end);
        let bed = BedFile::of_checked(content, file.url().to_path_buf(), n, p);
        let blocks = BedBlocks::start(bed, &self.snps, snps, block_snps)?;
        Ok(Box::new(blocks))
    }

    fn held_bytes(&self) -> u64 {
        HELD_BYTES
    }

    fn check_unchanged(&self) -> Result<()> {
        for file in &self.files {
            // The three files are on one server, which is not waited for again.
            if !file.check_unchanged()? {
                break;
            }
        }
        Ok(())
    }

    fn versions(&self) -> Vec<(PathBuf, Option<String>)> {
        let files = self.files.iter();
        files
            .map(|file| (file.url().to_path_buf(), file.version()))
            .collect()
    }

    fn files(&self) -> Vec<PathBuf> {
        self.url.files().into()
    }
}
