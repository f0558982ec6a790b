//! VCF Zarr stores, as bio2zarr writes them. Source: the VCF Zarr specification 0.5 of sgkit-dev.
//!
//! allele1 is ALT (all ALT alleles together if there are several), allele0 is REF. Individuals have family id 0.

use super::ranges::{RangeBlocks, RangeReader};
use super::settings::{HardCalls, VcfField};
use super::source::{GenotypeBlocks, GenotypeSource};
use super::zarr_calls::{Calls, Row};
use crate::error::{Error, Result};
use crate::genotype::{Encoding, GenotypeBlock, Genotypes};
use crate::io::bed::packed_bytes;
use crate::io::bim::{Snp, SnpTable};
use crate::io::fam::Individual;
use crate::io::regular::files_below;
use crate::io::text::count;
use crate::io::zarr_store::ZarrStore;
use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A study in a VCF Zarr store.
#[derive(Debug, Clone)]
pub struct ZarrSource {
    store: PathBuf,
    individuals: Arc<[Individual]>,
    snps: Arc<SnpTable>,
    calls: Arc<Calls>,
}

impl ZarrSource {
    /// Opens the store in the directory `path`; also returns notes for the user.
    ///
    /// * `field`: the dosages to read; the hard calls of `call_genotype` without it
    /// * `hard_calls`: the threshold at which dosages become hard calls
    ///
    /// Fails if an array is missing, has another type or length than the others, or cannot be read.
    pub fn open(
        path: &Path,
        field: Option<VcfField>,
        hard_calls: Option<HardCalls>,
    ) -> Result<(Self, Vec<String>)> {
        let store = ZarrStore::open(path)?;
        let individuals = individuals(&store)?;
        let (snps, n_alleles) = snps(&store)?;
        let calls = Calls::open(&store, field, hard_calls, individuals.len(), n_alleles)?;
        let notes = calls.note_on_absent_chunks().into_iter().collect();
        let source = Self {
            store: path.to_path_buf(),
            individuals: individuals.into(),
            snps: Arc::new(snps),
            calls: Arc::new(calls),
        };
        Ok((source, notes))
    }
}

/// The individuals of `sample_id`.
fn individuals(store: &ZarrStore) -> Result<Vec<Individual>> {
    let array = store.required("sample_id")?;
    reject_absent(&array)?;
    let names = array.strings()?;
    let mut rows = HashMap::with_capacity(names.len());
    for (row, name) in names.iter().enumerate() {
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(Error::malformed(
                array.path(),
                format!(
                    "the name of individual {} is {name:?}: it is empty or has a space",
                    row + 1
                ),
                "rename the individuals before the conversion",
            ));
        }
        if let Some(first) = rows.insert(name.as_str(), row) {
            return Err(Error::malformed(
                array.path(),
                format!(
                    "individuals {} and {} are both named {name}",
                    first + 1,
                    row + 1
                ),
                "give each individual its own name",
            ));
        }
    }
    let individuals = names.iter().map(|name| Individual {
        fid: "0".into(),
        iid: name.as_str().into(),
    });
    Ok(individuals.collect())
}

/// Fails if a chunk of an array without fill values is absent, as in a copy that was cut off.
fn reject_absent(array: &crate::io::zarr_store::ZarrArray) -> Result<()> {
    match array.absent_chunks() {
        (0, _) => Ok(()),
        (n_absent, n_chunks) => Err(Error::malformed(
            array.path(),
            format!("{n_absent} of {} absent", are(n_chunks)),
            "copy or convert the store again",
        )),
    }
}

fn are(n_chunks: usize) -> String {
    let verb = if n_chunks == 1 { "is" } else { "are" };
    format!("{} {verb}", count(n_chunks, "chunk"))
}

/// The records of the SNPs, and the number of alleles of each.
fn snps(store: &ZarrStore) -> Result<(SnpTable, Vec<u32>)> {
    let position = store.required("variant_position")?;
    reject_absent(&position)?;
    let p = position.shape()[0] as usize;
    let all = 0..p;
    let positions = position.integers(&all)?;
    let contig = store.required("variant_contig")?;
    let allele = store.required("variant_allele")?;
    let id = store.array("variant_id")?;
    for array in [Some(&contig), Some(&allele), id.as_ref()]
        .into_iter()
        .flatten()
    {
        if array.shape().first() != Some(&(p as u64)) {
            return Err(Error::malformed(
                array.path(),
                format!(
                    "the array has {}, but variant_position has {p}",
                    count(array.shape().first().map_or(0, |&n| n as usize), "SNP")
                ),
                "convert the store again",
            ));
        }
    }
    let names = store.required("contig_id")?.strings()?;
    let contigs = contig.integers(&all)?;
    let ids = id.map(|id| id.strings()).transpose()?;
    let alleles = allele.strings()?;
    let width = allele.shape().get(1).map_or(1, |&width| width as usize);
    let mut n_alleles = Vec::with_capacity(p);
    let mut records = Vec::with_capacity(p);
    for i in 0..p {
        let chromosome = usize::try_from(contigs[i]).ok().and_then(|c| names.get(c));
        let chromosome = chromosome.ok_or_else(|| {
            Error::malformed(
                contig.path(),
                format!(
                    "SNP {} is on contig {}, but contig_id has {}",
                    i + 1,
                    contigs[i],
                    names.len()
                ),
                "convert the store again",
            )
        })?;
        let of_snp = &alleles[i * width..(i + 1) * width];
        let present = of_snp.iter().take_while(|allele| !allele.is_empty());
        let n = present.count();
        n_alleles.push(n as u32);
        let alternative = match n {
            0 | 1 => ".".to_owned(),
            _ => of_snp[1..n].join(","),
        };
        records.push((chromosome, alternative, &of_snp[..n.min(1)]));
    }
    let snps = records.iter().enumerate().map(|(i, record)| {
        let (chr, alternative, reference) = record;
        Snp {
            chr,
            rs: match &ids {
                Some(ids) if !ids[i].is_empty() => &ids[i],
                _ => ".",
            },
            ps: positions[i],
            allele1: alternative,
            allele0: reference.first().map_or(".", String::as_str),
        }
    });
    Ok((SnpTable::of(snps), n_alleles))
}

impl GenotypeSource for ZarrSource {
    fn individuals(&self) -> &[Individual] {
        &self.individuals
    }

    fn snps(&self) -> Option<&Arc<SnpTable>> {
        Some(&self.snps)
    }

    fn encoding(&self) -> Encoding {
        self.calls.encoding()
    }

    fn blocks(&self, snps: Range<usize>, block_snps: usize) -> Result<Box<dyn GenotypeBlocks>> {
        let snps = snps.start..snps.end.min(self.snps.len());
        let reader = ZarrReader {
            source: self.clone(),
            end: snps.end,
            chunk: None,
        };
        Ok(Box::new(RangeBlocks::new(reader, snps, block_snps)))
    }

    fn files(&self) -> Vec<PathBuf> {
        files_below(&self.store)
    }
}

/// Reads a store. Chunks are decoded on all threads, one row of chunks at a time.
struct ZarrReader {
    source: ZarrSource,
    /// The end of the range of SNPs to read.
    end: usize,
    /// The last row of chunks: its first SNP, and the genotypes of its SNPs.
    chunk: Option<(usize, Vec<Row>)>,
}

impl ZarrReader {
    /// The genotypes of the SNP, from its row of chunks.
    fn row(&mut self, snp_index: usize) -> Result<&Row> {
        let length = self.source.calls.chunk_length();
        let first = snp_index - snp_index % length;
        let rows = match self.chunk.take() {
            Some((at, rows)) if at == first => rows,
            _ => {
                let end = (first + length).min(self.source.snps.len());
                // The next row arrives while this one is decoded and analysed.
                if end < self.end {
                    self.source.calls.will_read(end);
                }
                self.source.calls.read(first..end)?
            }
        };
        let (_, rows) = self.chunk.insert((first, rows));
        Ok(&rows[snp_index - first])
    }
}

impl RangeReader for ZarrReader {
    fn read(&mut self, snps: Range<usize>) -> Result<Option<GenotypeBlock>> {
        let n = self.source.individuals.len();
        let genotypes = match self.source.encoding() {
            Encoding::Packed => {
                let mut bytes = Vec::with_capacity(snps.len() * packed_bytes(n));
                for snp_index in snps.clone() {
                    bytes.extend_from_slice(self.row(snp_index)?.packed());
                }
                Genotypes::Packed(bytes)
            }
            Encoding::Dosage => {
                let mut values = Vec::with_capacity(snps.len() * n);
                for snp_index in snps.clone() {
                    values.extend_from_slice(self.row(snp_index)?.dosages());
                }
                Genotypes::Dosages(values)
            }
        };
        let block = GenotypeBlock::new(snps.start, n, genotypes);
        Ok(Some(
            block.with_records(Arc::clone(&self.source.snps), snps.start),
        ))
    }
}
