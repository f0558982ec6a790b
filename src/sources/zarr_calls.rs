//! Genotypes of a VCF Zarr store: `call_genotype`, `call_DS` or `call_GP`.

use super::settings::{HardCalls, VcfField};
use crate::error::{Error, Result};
use crate::genotype::Encoding;
use crate::io::bed::{CALLS, NO_CALL, call_code, packed_bytes};
use crate::io::text::count;
use crate::io::zarr_store::{ZarrArray, ZarrStore};
use rayon::prelude::*;
use std::ops::Range;

/// The bits of a padding value among single-precision numbers; every other NaN is a missing value.
const PADDING: u32 = 0x7F80_0002;
/// How far a dosage may be outside 0 to 2, or a sum of probabilities from 1, because of rounding.
const ROUNDING: f64 = 1e-3;

/// The genotypes of one SNP.
#[derive(Debug)]
pub(super) enum Row {
    Packed(Vec<u8>),
    Dosages(Vec<f64>),
}

impl Row {
    pub(super) fn packed(&self) -> &[u8] {
        let Self::Packed(bytes) = self else {
            panic!("the encoding of a source is the same for all SNPs")
        };
        bytes
    }

    pub(super) fn dosages(&self) -> &[f64] {
        let Self::Dosages(values) = self else {
            panic!("the encoding of a source is the same for all SNPs")
        };
        values
    }
}

/// The array of genotypes of a store.
#[derive(Debug)]
pub(super) struct Calls {
    array: ZarrArray,
    field: Option<VcfField>,
    threshold: Option<HardCalls>,
    n_individuals: usize,
    /// Values of one individual at one SNP.
    width: usize,
    /// The number of alleles of each SNP.
    n_alleles: Vec<u32>,
    chunk_length: usize,
}

impl Calls {
    pub(super) fn open(
        store: &ZarrStore,
        field: Option<VcfField>,
        hard_calls: Option<HardCalls>,
        n_individuals: usize,
        n_alleles: Vec<u32>,
    ) -> Result<Self> {
        let name = match field {
            None => "call_genotype",
            Some(VcfField::Ds) => "call_DS",
            Some(VcfField::Gp) => "call_GP",
        };
        if field.is_none() && hard_calls.is_some() {
            return Err(Error::option(
                "--hard-call-threshold",
                "call_genotype has hard calls already",
                "omit the option, or choose dosages with --dosage DS",
            ));
        }
        let Some(array) = store.array(name)? else {
            return Err(Error::malformed(
                store.path(),
                format!("the store has no array `{name}`"),
                match field {
                    None => "choose dosages with --dosage DS or --dosage GP",
                    Some(_) => "omit --dosage to read the hard calls of call_genotype",
                },
            ));
        };
        let expected = [n_alleles.len() as u64, n_individuals as u64];
        let shape = array.shape();
        if shape.len() < 2 || shape.len() > 3 || shape[..2] != expected {
            return Err(Error::malformed(
                array.path(),
                format!(
                    "the shape is {shape:?}, but the store has {} of {}",
                    count(n_alleles.len(), "SNP"),
                    count(n_individuals, "individual")
                ),
                "convert the store again",
            ));
        }
        let width = shape.get(2).map_or(1, |&width| width as usize);
        if field == Some(VcfField::Gp) && width != 3 {
            return Err(Error::malformed(
                array.path(),
                format!("there are {width} probabilities for each genotype, expected 3"),
                "GP can be read only if all SNPs have two alleles and all individuals are diploid; use --dosage DS",
            ));
        }
        Ok(Self {
            chunk_length: array.chunk_length()?,
            array,
            field,
            threshold: hard_calls,
            n_individuals,
            width,
            n_alleles,
        })
    }

    pub(super) fn encoding(&self) -> Encoding {
        match (self.field, self.threshold) {
            (None, _) | (_, Some(_)) => Encoding::Packed,
            (Some(_), None) => Encoding::Dosage,
        }
    }

    /// SNPs in one row of chunks.
    pub(super) fn chunk_length(&self) -> usize {
        self.chunk_length
    }

    /// A store does not write chunks that hold only the fill value, so an incomplete copy looks like zeros.
    pub(super) fn note_on_absent_chunks(&self) -> Option<String> {
        let (n_absent, n_chunks) = self.array.absent_chunks();
        (n_absent > 0).then(|| {
            format!(
                "{}: {n_absent} of {} absent and read as the fill value; check that the store is complete",
                self.array.path().display(),
                match n_chunks {
                    1 => "1 chunk is".to_owned(),
                    n => format!("{n} chunks are"),
                }
            )
        })
    }

    /// Announces that the row of chunks that starts at a SNP will be read.
    pub(super) fn will_read(&self, snp_index: usize) {
        self.array.will_read((snp_index / self.chunk_length) as u64);
    }

    /// The genotypes of a range of SNPs.
    pub(super) fn read(&self, snps: Range<usize>) -> Result<Vec<Row>> {
        let stride = self.n_individuals * self.width;
        match self.field {
            // One byte per allele unless a SNP has very many.
            None if self.array.has_type::<i8>() => {
                self.packed_rows(&self.array.read::<i8>(&snps)?, snps)
            }
            None => self.packed_rows(&self.array.integers(&snps)?, snps),
            Some(_) => {
                let values = self.array.floats(&snps)?;
                let rows = values.par_chunks(stride.max(1)).zip(snps.into_par_iter());
                rows.map(|(values, snp_index)| self.of_values(values, snp_index))
                    .collect()
            }
        }
    }

    /// Hard calls of consecutive SNPs.
    fn packed_rows<T>(&self, alleles: &[T], snps: Range<usize>) -> Result<Vec<Row>>
    where
        T: Copy + Into<i64> + Sync,
    {
        let stride = (self.n_individuals * self.width).max(1);
        let rows = alleles.par_chunks(stride).zip(snps.into_par_iter());
        rows.map(|(alleles, snp_index)| self.packed(alleles, snp_index))
            .collect()
    }

    fn packed<T: Copy + Into<i64>>(&self, alleles: &[T], snp_index: usize) -> Result<Row> {
        let mut bytes = vec![0_u8; packed_bytes(self.n_individuals)];
        for (row, call) in alleles.chunks_exact(self.width).enumerate() {
            let code = match self.copies(call, snp_index, row)? {
                Some(copies) => CALLS[copies],
                None => NO_CALL,
            };
            bytes[row / 4] |= code << (2 * (row % 4));
        }
        Ok(Row::Packed(bytes))
    }

    /// Copies of any ALT allele of one individual; `None` if a part of the call is missing.
    ///
    /// −1 is a missing allele, −2 pads calls of fewer alleles. A haploid call counts as homozygous, as in PLINK 2.
    fn copies<T>(&self, call: &[T], snp_index: usize, row: usize) -> Result<Option<usize>>
    where
        T: Copy + Into<i64>,
    {
        let call = || call.iter().map(|&allele| allele.into());
        let n = call().take_while(|&allele| allele != -2).count();
        let call = || call().take(n);
        if n == 0 || call().any(|allele| allele == -1) {
            return Ok(None);
        }
        let n_alleles = i64::from(self.n_alleles[snp_index]);
        if let Some(allele) = call().find(|&a| a < 0 || a >= n_alleles) {
            return Err(self.wrong(
                snp_index,
                row,
                &format!("allele {allele}, but the SNP has {n_alleles}"),
            ));
        }
        let copies = call().filter(|&allele| allele > 0).count();
        match n {
            1 => Ok(Some(2 * copies)),
            2 => Ok(Some(copies)),
            n => Err(self.wrong(snp_index, row, &format!("{n} alleles, expected 1 or 2"))),
        }
    }

    /// Dosages of a SNP, or their hard calls.
    fn of_values(&self, values: &[f32], snp_index: usize) -> Result<Row> {
        let of_individual = |(row, values)| self.dosage(values, snp_index, row);
        let dosages = values.chunks_exact(self.width).enumerate();
        let dosages: Vec<f64> = dosages.map(of_individual).collect::<Result<_>>()?;
        let Some(hard_calls) = self.threshold else {
            return Ok(Row::Dosages(dosages));
        };
        let mut bytes = vec![0_u8; packed_bytes(self.n_individuals)];
        for (row, &dosage) in dosages.iter().enumerate() {
            let code = call_code(hard_calls.call(dosage));
            bytes[row / 4] |= code << (2 * (row % 4));
        }
        Ok(Row::Packed(bytes))
    }

    /// The dosage of all ALT alleles of one individual, NaN if it is missing.
    fn dosage(&self, values: &[f32], snp_index: usize, row: usize) -> Result<f64> {
        let present = || values.iter().filter(|value| value.to_bits() != PADDING);
        if present().any(|value| value.is_nan()) || present().next().is_none() {
            return Ok(f64::NAN);
        }
        let of = |i: usize| f64::from(values[i]);
        let dosage = match self.field {
            Some(VcfField::Gp) => {
                if present().count() < 3 {
                    let what = "fewer than three probabilities";
                    return Err(self.wrong(snp_index, row, what));
                }
                let sum = of(0) + of(1) + of(2);
                if (sum - 1.0).abs() > 10.0 * ROUNDING {
                    let what = format!("probabilities whose sum is {sum}");
                    return Err(self.wrong(snp_index, row, &what));
                }
                (of(1) + 2.0 * of(2)) / sum
            }
            _ => present().map(|&value| f64::from(value)).sum(),
        };
        if !(-ROUNDING..=2.0 + ROUNDING).contains(&dosage) {
            return Err(self.wrong(snp_index, row, &format!("dosage {dosage}, expected 0 to 2")));
        }
        Ok(dosage.clamp(0.0, 2.0))
    }

    fn wrong(&self, snp_index: usize, row: usize, what: &str) -> Error {
        Error::malformed(
            self.array.path(),
            format!("SNP {}, individual {}: {what}", snp_index + 1, row + 1),
            "convert the store again, or exclude the SNP",
        )
    }
}
