//! A record of BCF: its SNP, hard calls and dosages.
//!
//! Source: VCF specification 4.3, section 6.3.

use super::fault::Fault;
use super::header::Header;
use super::line::Site;
use super::typed::{Cursor, END_OF_FLOATS, Integer, Type, damaged, integers};
use super::values::{Call, of_ds, of_gp, single};
use crate::io::bed::{CALLS, NO_CALL};
use std::borrow::Cow;

/// Bytes of the shared part before the id.
pub(super) const FIXED_BYTES: usize = 24;

/// A record about a SNP.
#[derive(Debug)]
pub(super) struct Binary<'a> {
    pub(super) site: Site<'a>,
    header: &'a Header,
    /// The genotypes, field by field.
    fields: Vec<Field<'a>>,
}

/// The values of a field, `n_values` for each individual.
#[derive(Debug, Clone, Copy)]
struct Field<'a> {
    key: usize,
    kind: Type,
    n_values: usize,
    bytes: &'a [u8],
}

impl<'a> Binary<'a> {
    /// Reads a record: its two lengths, the shared part and the genotypes.
    ///
    /// Fails if a value extends beyond the record, or the number of individuals differs from the header.
    pub(super) fn of(record: &'a [u8], header: &'a Header) -> Result<Self, Fault> {
        let mut all = Cursor(record);
        let n_shared = all.u32()? as usize;
        all.take(4)?;
        let mut shared = Cursor(all.take(n_shared)?);
        let mut genotypes = all;
        let (chr, ps) = (shared.i32()?, shared.i32()?);
        shared.take(8)?; // length of REF, QUAL
        let (n_alleles, n_genotypes) = (shared.u32()? >> 16, shared.u32()?);
        let chr = usize::try_from(chr)
            .ok()
            .and_then(|chr| header.contigs.get(&chr));
        let chr = chr.ok_or_else(|| damaged("its chromosome is not in the header"))?;
        if ps < -1 {
            return Err(damaged("its position is negative"));
        }
        let id = shared.text()?;
        if n_alleles == 0 {
            return Err(damaged("it has no alleles"));
        }
        let reference = shared.text()?;
        let mut alleles = Vec::new();
        for _ in 1..n_alleles {
            alleles.push(shared.text()?);
        }
        let alt: Cow<'_, str> = match *alleles.as_slice() {
            [] => ".".into(),
            [alt] => alt.into(),
            _ => alleles.join(",").into(),
        };
        let (n, n_fields) = ((n_genotypes & 0xff_ffff) as usize, n_genotypes >> 24);
        if n_fields > 0 && n != header.names.len() {
            return Err(Fault::columns(n, header.names.len()));
        }
        let mut fields = Vec::new();
        for _ in 0..n_fields {
            let key = genotypes.integer()?;
            let (kind, n_values) = genotypes.descriptor()?;
            let n_bytes = n
                .checked_mul(n_values)
                .and_then(|n| n.checked_mul(kind.n_bytes()));
            let n_bytes = n_bytes.ok_or_else(|| damaged("a field is too long"))?;
            fields.push(Field {
                key,
                kind,
                n_values,
                bytes: genotypes.take(n_bytes)?,
            });
        }
        if !genotypes.0.is_empty() {
            return Err(damaged("it is longer than its fields"));
        }
        Ok(Self {
            site: Site {
                chr,
                ps: i64::from(ps) + 1,
                id,
                reference,
                n_alt: match &*alt {
                    "." => 0,
                    _ => alleles.len(),
                },
                alt,
            },
            header,
            fields,
        })
    }

    fn field(&self, name: &str) -> Option<Field<'a>> {
        let key = self.header.keys.get(name)?;
        self.fields.iter().find(|field| field.key == *key).copied()
    }

    fn require(&self, name: &str) -> Result<Field<'a>, Fault> {
        self.field(name).ok_or_else(|| {
            let keys = &self.header.keys;
            let name_of = |field: &Field<'_>| {
                let known = keys.iter().find(|(_, key)| **key == field.key);
                known.map_or("?", |(name, _)| name.as_str())
            };
            let found: Vec<&str> = self.fields.iter().map(name_of).collect();
            Fault::without(name, &found)
        })
    }

    /// Adds the two-bit codes of the hard calls of all individuals to `packed`, which is zero.
    pub(super) fn hard_calls(&self, packed: &mut [u8]) -> Result<(), Fault> {
        let field = self.require("GT")?;
        let n_alt = self.site.n_alt;
        if field.kind == Type::Int8 && field.n_values == 2 {
            let copies = copies_of_alleles(n_alt);
            for (row, pair) in field.bytes.chunks_exact(2).enumerate() {
                let sum = copies[usize::from(pair[0])] + copies[usize::from(pair[1])];
                let code = match sum {
                    0..ANY_MISSING => CALLS[usize::from(sum)],
                    ANY_MISSING..OTHER => NO_CALL,
                    _ => field.call(row, n_alt)?.code,
                };
                packed[row / 4] |= code << (2 * (row % 4));
            }
            return Ok(());
        }
        for row in 0..self.header.names.len() {
            packed[row / 4] |= field.call(row, n_alt)?.code << (2 * (row % 4));
        }
        Ok(())
    }

    /// Fills `dosages` with the expected copies of ALT from DS; NaN if missing.
    pub(super) fn ds(&self, dosages: &mut [f64]) -> Result<(), Fault> {
        let (field, gt) = (self.require("DS")?, self.field("GT"));
        let n_alt = self.site.n_alt;
        let mut values = Vec::new();
        for (row, dosage) in dosages.iter_mut().enumerate() {
            field.numbers("DS", row, &mut values)?;
            let call = gt.map(|gt| gt.call(row, n_alt)).transpose()?;
            let is_haploid = call.is_some_and(|call| call.is_haploid);
            let of_values = of_ds(&values, n_alt, is_haploid);
            *dosage = of_values.map_err(|fault| fault.of("DS", row))?;
        }
        Ok(())
    }

    /// Fills `dosages` with the expected copies of ALT from GP; NaN if missing.
    pub(super) fn gp(&self, dosages: &mut [f64]) -> Result<(), Fault> {
        let field = self.require("GP")?;
        self.site.check_biallelic()?;
        let mut values = Vec::new();
        for (row, dosage) in dosages.iter_mut().enumerate() {
            field.numbers("GP", row, &mut values)?;
            *dosage = of_gp(&values).map_err(|fault| fault.of("GP", row))?;
        }
        Ok(())
    }
}

/// In [`copies_of_alleles`], a byte that is missing, and one that needs [`Field::call`].
const ANY_MISSING: u8 = 3;
const OTHER: u8 = 16;

/// For each byte of a call, the copies of ALT in its allele.
fn copies_of_alleles(n_alt: usize) -> [u8; 256] {
    let mut copies = [OTHER; 256];
    // The lowest bit is the phase; the others are the allele plus 1, or 0 if it is missing.
    copies[..2].fill(ANY_MISSING);
    copies[2..4].fill(0);
    copies[4..(2 * n_alt + 4).min(128)].fill(1);
    copies
}

impl Field<'_> {
    fn values(&self, row: usize) -> &[u8] {
        let n_bytes = self.n_values * self.kind.n_bytes();
        &self.bytes[row * n_bytes..(row + 1) * n_bytes]
    }

    /// The call of the individual in `row`.
    fn call(&self, row: usize, n_alt: usize) -> Result<Call, Fault> {
        if matches!(self.kind, Type::Float | Type::Char) {
            return Err(damaged("GT is not of integers"));
        }
        let values = integers(self.kind, self.values(row));
        let alleles = values.take_while(|value| *value != Integer::End);
        let alleles = alleles.map(|value| match value {
            Integer::Value(value) if value >= 2 => Some(value as usize / 2 - 1),
            Integer::Value(0 | 1) | Integer::Missing | Integer::End => None,
            // No record has so many alleles.
            Integer::Value(_) => Some(usize::MAX),
        });
        Call::of(alleles, n_alt).map_err(|wrong| {
            let values = integers(self.kind, self.values(row));
            let alleles = values.map_while(|value| match value {
                Integer::Value(value) if value >= 2 => Some((value / 2 - 1).to_string()),
                Integer::End => None,
                _ => Some(".".into()),
            });
            let text = alleles.collect::<Vec<_>>().join("/");
            wrong.fault(&format!("{text:?}"), n_alt, row)
        })
    }

    /// Reads the numbers of the individual in `row`.
    fn numbers(&self, name: &'static str, row: usize, values: &mut Vec<f64>) -> Result<(), Fault> {
        values.clear();
        let bytes = self.values(row);
        match self.kind {
            Type::Float => {
                for bits in bytes.chunks_exact(4) {
                    let bits = u32::from_le_bytes(bits.try_into().expect("4 bytes"));
                    if bits == END_OF_FLOATS {
                        break;
                    }
                    values.push(single(f32::from_bits(bits)));
                }
            }
            Type::Char => return Err(damaged(&format!("{name} is not of numbers"))),
            kind => {
                for value in integers(kind, bytes) {
                    match value {
                        Integer::Value(value) => values.push(value.into()),
                        Integer::Missing => values.push(f64::NAN),
                        Integer::End => break,
                    }
                }
            }
        }
        Ok(())
    }
}
