//! The genotypes of one SNP, decompressed and decoded.

use super::file::BgenFile;
use crate::error::{Error, Result};
use crate::genotype::ScaledDosages;
use crate::io::bed::{NO_CALL, call_code};
use crate::io::bgen::{Inflater, MISSING, Probabilities, SnpBlock};
use crate::io::bim::Snp;
use crate::sources::settings::HardCalls;

const _: () = assert!(MISSING == ScaledDosages::MISSING);

/// Where the genotypes of one SNP are written.
pub(super) enum Column<'a> {
    /// Hard calls.
    Packed(HardCalls, &'a mut [u8]),
    /// Dosages.
    Dosages(&'a mut [f64]),
    /// Dosages in units of one divided by the number, if those of the SNP are.
    Scaled(u16, &'a mut [u16]),
}

/// What happened to a SNP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decoded {
    /// The column has its genotypes.
    Done,
    /// An individual has this ploidy, and all genotypes are missing.
    Unusual(u8),
    /// The dosages have another unit than the column; it was not written.
    OtherUnit,
}

/// Memory for decoding one SNP after another.
#[derive(Default)]
pub(super) struct Decoder {
    inflater: Inflater,
    scaled: Vec<u16>,
    dosages: Vec<f64>,
    /// The unit of the latest SNP, and the call of each value in it.
    calls: (u16, Vec<u8>),
}

impl Decoder {
    /// Decodes the block of SNP `snp_index` into `column`.
    ///
    /// * `record`: the SNP, which must be that of the block
    ///
    /// Fails if the block is damaged, or is that of another SNP.
    pub(super) fn decode(
        &mut self,
        file: &BgenFile,
        bytes: &[u8],
        (snp_index, record): (usize, Snp<'_>),
        column: Column<'_>,
    ) -> Result<Decoded> {
        self.decode_block(file, bytes, record, column)
            .map_err(|what| malformed(file, snp_index, record, &what))
    }

    fn decode_block(
        &mut self,
        file: &BgenFile,
        bytes: &[u8],
        record: Snp<'_>,
        column: Column<'_>,
    ) -> Result<Decoded, String> {
        let Self {
            inflater,
            scaled,
            dosages,
            calls,
        } = self;
        let snp = probabilities(file, bytes, record, inflater)?;
        if let Some(ploidy) = snp.unusual_ploidy() {
            fill_missing(column, file.header.n_individuals);
            return Ok(Decoded::Unusual(ploidy));
        }
        match column {
            Column::Scaled(per_copy, out) if snp.per_copy() == Some(per_copy) => {
                snp.fill_scaled(file.counted, out)?;
            }
            Column::Scaled(..) => return Ok(Decoded::OtherUnit),
            Column::Dosages(out) => snp.fill(file.counted, out)?,
            Column::Packed(hard_calls, out) => {
                let n = file.header.n_individuals;
                if let Some(per_copy) = snp.per_copy() {
                    scaled.resize(n, 0);
                    snp.fill_scaled(file.counted, scaled)?;
                    set_calls(calls, per_copy, hard_calls);
                    // A missing value is beyond the end.
                    let code = |x: &u16| calls.1.get(usize::from(*x)).copied().unwrap_or(NO_CALL);
                    pack(scaled, code, out);
                } else {
                    dosages.resize(n, 0.0);
                    snp.fill(file.counted, dosages)?;
                    pack(dosages, |x| call_code(hard_calls.call(*x)), out);
                }
            }
        }
        Ok(Decoded::Done)
    }

    /// The unit of the dosages of a SNP, if they are 16-bit numbers. Fails as [`decode`](Self::decode) does.
    pub(super) fn per_copy(
        &mut self,
        file: &BgenFile,
        bytes: &[u8],
        (snp_index, record): (usize, Snp<'_>),
    ) -> Result<Option<u16>> {
        let snp = probabilities(file, bytes, record, &mut self.inflater)
            .map_err(|what| malformed(file, snp_index, record, &what))?;
        Ok(snp.per_copy())
    }
}

/// The probabilities in a block, which must be that of the SNP `record`.
fn probabilities<'a>(
    file: &BgenFile,
    bytes: &'a [u8],
    record: Snp<'_>,
    inflater: &'a mut Inflater,
) -> Result<Probabilities<'a>, String> {
    let header = &file.header;
    let block = SnpBlock::parse(bytes, header, file.counted)?;
    if block.snp != record {
        return Err(format!(
            "the file has SNP {} (chromosome {}, position {}) there, so the index is not that of this file",
            block.snp.rs, block.snp.chr, block.snp.ps
        ));
    }
    let genotypes = inflater.inflate(&block, header.compression)?;
    Probabilities::parse(genotypes, header.n_individuals, header.layout)
}

fn malformed(file: &BgenFile, snp_index: usize, record: Snp<'_>, what: &str) -> Error {
    Error::malformed(
        &file.header.path,
        format!(
            "SNP {} (chromosome {}, position {}), at byte {}: {what}",
            record.rs, record.chr, record.ps, file.places[snp_index].start
        ),
        "check that the copy of the file is complete (compare checksums) and that its .bgi, if there is one, was made for it; or export the file again",
    )
}

fn fill_missing(column: Column<'_>, n: usize) {
    match column {
        Column::Packed(_, out) => pack(&vec![(); n], |()| NO_CALL, out),
        Column::Dosages(out) => out.fill(f64::NAN),
        Column::Scaled(_, out) => out.fill(MISSING),
    }
}

/// Computes the calls of all values in this unit, if they are not those in `calls` already.
fn set_calls(calls: &mut (u16, Vec<u8>), per_copy: u16, hard_calls: HardCalls) {
    if calls.0 != per_copy {
        let dosage = |value: u16| f64::from(value) / f64::from(per_copy);
        let of = |value: u16| call_code(hard_calls.call(dosage(value)));
        *calls = (per_copy, (0..=2 * per_copy).map(of).collect());
    }
}

/// Packs codes of two bits, low bits first; the padding bits of the last byte are 0.
fn pack<T>(values: &[T], code: impl Fn(&T) -> u8, out: &mut [u8]) {
    for (byte, four) in out.iter_mut().zip(values.chunks(4)) {
        *byte = four
            .iter()
            .rev()
            .fold(0, |byte, value| byte << 2 | code(value));
    }
}
