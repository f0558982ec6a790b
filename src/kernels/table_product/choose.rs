//! The values of eight columns, selected by their codes: the rows of an [`IntegerPanel`](super::IntegerPanel).

use super::line::IntegerLine;
#[cfg(target_arch = "x86_64")]
use crate::kernels::cpu::V4;

/// Rows of two-bit codes, and the value of each code of a row at the three dosages of X; code 1, a missing call, has the
/// value 0.
#[derive(Clone, Copy)]
pub(super) struct Choice<'a> {
    pub(super) packed: &'a [u8],
    /// Bytes of a row.
    pub(super) stride: usize,
    /// Position of the codes of the eight columns in a row.
    pub(super) first_byte: usize,
    pub(super) values: &'a [[[u64; 4]; 3]],
}

impl<'a> Choice<'a> {
    /// The codes of the eight columns, lowest bits first, and the values of each row.
    fn rows(self) -> impl Iterator<Item = (u64, &'a [[u64; 4]; 3])> {
        let rows = self.packed.chunks_exact(self.stride).zip(self.values);
        rows.map(move |(packed, values)| {
            let bytes = &packed[self.first_byte..];
            let codes = u64::from(bytes[0]) | u64::from(*bytes.get(1).unwrap_or(&0)) << 8;
            (codes, values)
        })
    }

    /// Fills `out`, with one entry per row.
    pub(super) fn fill(self, out: &mut [[IntegerLine; 3]]) {
        #[cfg(target_arch = "x86_64")]
        if let Some(cpu) = V4::try_new() {
            return avx512::run(cpu, self, out);
        }
        self.fill_portable(out);
    }

    /// The reference implementation.
    fn fill_portable(self, out: &mut [[IntegerLine; 3]]) {
        for ((codes, values), out) in self.rows().zip(out) {
            for (out, values) in out.iter_mut().zip(values) {
                for (lane, out) in out.0.iter_mut().enumerate() {
                    *out = values[(codes >> (2 * lane) & 3) as usize];
                }
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    #![allow(unsafe_code, reason = "loads and stores of vectors")]

    use super::{Choice, IntegerLine, V4};
    use crate::kernels::cpu::with_instructions;
    use std::arch::x86_64::{
        _mm256_loadu_si256, _mm512_broadcast_i64x4, _mm512_permutexvar_epi64, _mm512_set_epi64,
        _mm512_set1_epi64, _mm512_srlv_epi64, _mm512_storeu_si512,
    };

    pub(super) fn run(cpu: V4, choice: Choice<'_>, out: &mut [[IntegerLine; 3]]) {
        with_instructions!(cpu: V4, fill(choice, out));
    }

    /// The four values fill a register twice, so that the third bit of an index, which belongs to the next code, has no
    /// effect.
    #[target_feature(enable = "avx512f")]
    fn fill(choice: Choice<'_>, out: &mut [[IntegerLine; 3]]) {
        let shifts = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);
        for ((codes, values), out) in choice.rows().zip(out) {
            let indices = _mm512_srlv_epi64(_mm512_set1_epi64(codes as i64), shifts);
            for (out, values) in out.iter_mut().zip(values) {
                // SAFETY: `values` has the 32 bytes that are loaded, and `out` the 64 that are stored.
                unsafe {
                    let four = _mm512_broadcast_i64x4(_mm256_loadu_si256(values.as_ptr().cast()));
                    let chosen = _mm512_permutexvar_epi64(indices, four);
                    _mm512_storeu_si512(out.0.as_mut_ptr().cast(), chosen);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::line::Line;
    use super::*;

    #[test]
    fn vectors_choose_as_the_portable_loop() {
        let values: Vec<[[u64; 4]; 3]> = (0..77_u64)
            .map(|s| [s, s + 100, s + 200].map(|a| [a * a, 0, a << 40, a.wrapping_neg()]))
            .collect();
        for stride in 1..=5_usize {
            let packed: Vec<u8> = (0..77 * stride).map(|i| (i * i * 31 + i) as u8).collect();
            for panel in 0..stride.div_ceil(2) {
                let choice = Choice {
                    packed: &packed,
                    stride,
                    first_byte: 2 * panel,
                    values: &values,
                };
                let mut found = vec![[Line::ZERO; 3]; 77];
                let mut expected = found.clone();
                choice.fill(&mut found);
                choice.fill_portable(&mut expected);
                assert_eq!(found, expected, "stride {stride}, panel {panel}");
            }
        }
    }
}
