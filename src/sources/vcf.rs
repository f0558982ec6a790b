//! VCF and BCF files: GT as hard calls, or DS or GP as dosages.

use super::ranges::{RangeBlocks, RangeReader};
use super::settings::{HardCalls, VcfField};
use super::source::{GenotypeBlocks, GenotypeSource};
use crate::error::{Error, Result};
use crate::genotype::{Encoding, GenotypeBlock, Genotypes, SnpSelection};
use crate::io::bed::{call_code, packed_bytes};
use crate::io::bim::{Snp, SnpTable};
use crate::io::fam::Individual;
use crate::io::vcf::{Batch, Fault, Records, Site, VcfFile, find_part};
use rayon::prelude::*;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes of a typical genotype, to choose how much is read at a time.
const GENOTYPE_BYTES: usize = 8;
/// Least and most bytes that are read at a time.
const PIECE_BYTES: Range<usize> = 4 << 20..64 << 20;
/// Bytes of genotypes that one task decodes at least.
const TASK_BYTES: usize = 1 << 15;

/// A study in a VCF or BCF file.
///
/// An individual has the FID 0 and the name in the header as IID, as PLINK 2 has it. The counted allele is ALT. The rules
/// for genotypes are in `io/vcf/mod.rs`.
#[derive(Debug)]
pub struct VcfSource {
    file: Arc<VcfFile>,
    individuals: Vec<Individual>,
    content: Content,
    /// Notes on its index.
    notes: Vec<String>,
}

/// What is read of a genotype.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Content {
    /// GT.
    Calls,
    Dosages(VcfField),
    /// Dosages, as hard calls.
    Called(VcfField, HardCalls),
}

impl VcfSource {
    /// Reads the header of a file.
    ///
    /// * `dosages`: the field of dosages; GT is read without it
    /// * `hard_calls`: makes dosages hard calls
    /// * `needed`: the chromosomes and positions of the SNPs that are needed; if the file has an index (`.tbi` or `.csi`), the
    ///   source has these SNPs and those between them
    ///
    /// Fails if the file is not VCF 4 or BCF 2, or lacks the field.
    pub fn open(
        path: &Path,
        dosages: Option<VcfField>,
        hard_calls: Option<HardCalls>,
        needed: Option<&SnpSelection>,
    ) -> Result<Self> {
        let content = match (dosages, hard_calls) {
            (None, None) => Content::Calls,
            (Some(field), None) => Content::Dosages(field),
            (Some(field), Some(hard_calls)) => Content::Called(field, hard_calls),
            (None, Some(_)) => {
                return Err(Error::option(
                    "--hard-call-threshold",
                    "without --dosage, the genotypes of a VCF are hard calls already",
                    "omit the option, or read dosages with --dosage DS or --dosage GP",
                ));
            }
        };
        let mut file = VcfFile::open(path)?;
        check_field(&file, content)?;
        let mut notes = Vec::new();
        let part = needed.map(|needed| {
            let is_chosen = |name: &str| {
                let these = needed.chromosomes.as_ref();
                these.is_none_or(|these| these.contains(name))
            };
            find_part(&file, is_chosen, needed.positions.as_ref(), &mut notes)
        });
        if let Some(part) = part.transpose()?.flatten() {
            file.restrict(part);
        }
        let names = file.names().iter();
        let individuals = names.map(|name| Individual {
            fid: "0".into(),
            iid: name.as_str().into(),
        });
        Ok(Self {
            individuals: individuals.collect(),
            file: Arc::new(file),
            content,
            notes,
        })
    }
}

impl VcfSource {
    /// Notes on the index of the file.
    pub(crate) fn opening_notes(&self) -> &[String] {
        &self.notes
    }
}

/// Fails if the header declares fields, but not the one to be read.
fn check_field(file: &VcfFile, content: Content) -> Result<()> {
    let (name, option) = match content {
        Content::Calls => ("GT", "--vcf"),
        Content::Dosages(VcfField::Ds) | Content::Called(VcfField::Ds, _) => ("DS", "--dosage"),
        Content::Dosages(VcfField::Gp) | Content::Called(VcfField::Gp, _) => ("GP", "--dosage"),
    };
    let declared = file.formats();
    let has = |field: &str| declared.iter().any(|declared| declared == field);
    if declared.is_empty() || has(name) {
        return Ok(());
    }
    let hint = match [has("GT"), has("DS"), has("GP")] {
        [_, true, _] => "read the dosages with --dosage DS",
        [_, _, true] => "read the genotype probabilities with --dosage GP",
        [true, ..] => "omit --dosage to read hard calls from GT",
        _ => "give a file with one of the fields GT, DS and GP",
    };
    let what = format!(
        "{} has no field {name}; its header declares the FORMAT fields {}",
        file.path().display(),
        declared.join(", ")
    );
    Err(Error::option(option, what, hint))
}

impl GenotypeSource for VcfSource {
    fn individuals(&self) -> &[Individual] {
        &self.individuals
    }

    fn snps(&self) -> Option<&Arc<SnpTable>> {
        None
    }

    fn encoding(&self) -> Encoding {
        match self.content {
            Content::Calls | Content::Called(..) => Encoding::Packed,
            Content::Dosages(_) => Encoding::Dosage,
        }
    }

    fn blocks(&self, snps: Range<usize>, block_snps: usize) -> Result<Box<dyn GenotypeBlocks>> {
        let n = self.individuals.len();
        let of_all_threads = n
            .saturating_mul(GENOTYPE_BYTES)
            .saturating_mul(rayon::current_num_threads());
        let n_bytes = of_all_threads.clamp(PIECE_BYTES.start, PIECE_BYTES.end);
        let reader = VcfReader {
            records: Records::start(&self.file, snps.start, n_bytes)?,
            file: Arc::clone(&self.file),
            content: self.content,
            used: None,
        };
        Ok(Box::new(RangeBlocks::new(reader, snps, block_snps)))
    }

    fn files(&self) -> Vec<PathBuf> {
        vec![self.file.path().to_path_buf()]
    }
}

/// Records that a thread reads ahead; they are decoded on all threads of the caller.
struct VcfReader {
    file: Arc<VcfFile>,
    records: Records,
    content: Content,
    used: Option<Genotypes>,
}

impl RangeReader for VcfReader {
    fn read(&mut self, snps: Range<usize>) -> Result<Option<GenotypeBlock>> {
        let (first, end, n) = (snps.start, snps.end, self.file.names().len());
        let mut genotypes = match (self.content, self.used.take()) {
            (Content::Dosages(_), Some(Genotypes::Dosages(mut values))) => {
                values.clear();
                Genotypes::Dosages(values)
            }
            (Content::Dosages(_), _) => Genotypes::Dosages(Vec::new()),
            (_, Some(Genotypes::Packed(mut bytes))) => {
                bytes.clear();
                Genotypes::Packed(bytes)
            }
            _ => Genotypes::Packed(Vec::new()),
        };
        let mut sites = Sites::default();
        let mut next = first;
        while next < end {
            let in_memory = self.records.batch().indices();
            if in_memory.end <= next {
                if !self.records.advance()? {
                    break;
                }
                continue;
            }
            let indices = next..end.min(in_memory.end);
            next = indices.end;
            self.decode(indices, &mut genotypes, &mut sites)?;
        }
        if next == first {
            return Ok(None);
        }
        let block = GenotypeBlock::new(first, n, genotypes);
        Ok(Some(block.with_records(Arc::new(sites.table()), 0)))
    }

    fn recycle(&mut self, block: GenotypeBlock) {
        self.used = Some(block.into_genotypes());
    }
}

impl VcfReader {
    /// Appends the genotypes and sites of records in memory. Fails at the first one that is malformed.
    fn decode(
        &self,
        indices: Range<usize>,
        genotypes: &mut Genotypes,
        sites: &mut Sites,
    ) -> Result<()> {
        let (records, n) = (self.records.batch(), self.file.names().len());
        let decoded: Vec<Result<Site<'_>, Fault>> = match genotypes {
            Genotypes::Packed(bytes) => {
                let content = self.content;
                of_each(indices.clone(), packed_bytes(n), bytes, |index, packed| {
                    let Content::Called(field, hard_calls) = content else {
                        return records.hard_calls(index, packed);
                    };
                    let mut dosages = vec![0.0; n];
                    let site = dosages_of(records, field, index, &mut dosages)?;
                    for (row, dosage) in dosages.into_iter().enumerate() {
                        packed[row / 4] |= call_code(hard_calls.call(dosage)) << (2 * (row % 4));
                    }
                    Ok(site)
                })
            }
            Genotypes::Dosages(values) => {
                let Content::Dosages(field) = self.content else {
                    panic!("the genotypes are of the source's encoding")
                };
                of_each(indices.clone(), n, values, |index, dosages| {
                    dosages_of(records, field, index, dosages)
                })
            }
            Genotypes::Scaled(_) => panic!("VCF files give no scaled dosages"),
        };
        for (site, index) in decoded.into_iter().zip(indices) {
            match site {
                Ok(site) => sites.push(&site),
                Err(fault) => return Err(self.file.error(index, &fault)),
            }
        }
        Ok(())
    }
}

fn dosages_of<'r>(
    records: &'r Batch,
    field: VcfField,
    index: usize,
    dosages: &mut [f64],
) -> Result<Site<'r>, Fault> {
    match field {
        VcfField::Ds => records.ds(index, dosages),
        VcfField::Gp => records.gp(index, dosages),
    }
}

/// Appends `stride` zeros for each index, and passes them to `decode` on all threads.
fn of_each<'r, T: Default + Clone + Send>(
    indices: Range<usize>,
    stride: usize,
    genotypes: &mut Vec<T>,
    decode: impl Fn(usize, &mut [T]) -> Result<Site<'r>, Fault> + Sync,
) -> Vec<Result<Site<'r>, Fault>> {
    let start = genotypes.len();
    genotypes.resize(start + indices.len() * stride, T::default());
    let of_records = genotypes[start..].par_chunks_exact_mut(stride);
    let of_records = of_records.zip(indices.into_par_iter());
    let of_task = (TASK_BYTES / (stride * size_of::<T>())).max(1);
    let decoded = of_records.with_min_len(of_task);
    decoded.map(|(out, index)| decode(index, out)).collect()
}

/// Sites of a block: their texts, one after another.
#[derive(Default)]
struct Sites {
    texts: String,
    /// Ends of chromosome, id, ALT and REF of each site.
    ends: Vec<[usize; 4]>,
    positions: Vec<i64>,
}

impl Sites {
    fn push(&mut self, site: &Site<'_>) {
        self.ends
            .push([site.chr, site.id, &site.alt, site.reference].map(|text| {
                self.texts.push_str(text);
                self.texts.len()
            }));
        self.positions.push(site.ps);
    }

    fn table(&self) -> SnpTable {
        let mut start = 0;
        let snps = self.ends.iter().zip(&self.positions).map(|(ends, &ps)| {
            let [chr, rs, allele1, allele0] = ends.map(|end| {
                let text = &self.texts[start..end];
                start = end;
                text
            });
            Snp {
                chr,
                rs,
                ps,
                allele1,
                allele0,
            }
        });
        SnpTable::of(snps)
    }
}
