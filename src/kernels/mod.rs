//! Numeric inner loops, independent of genetics and file formats.
//!
//! Every kernel has an implementation in plain Rust that the compiler vectorises. It is run through [`pulp::Arch`], which
//! selects the widest instruction set of the CPU at run time. If the compiler does not find the best instruction, a second
//! implementation uses it explicitly: it takes a token that exists only if the CPU has the instruction, and tests compare
//! it with the first. Sums are kept in lanes and folded in a fixed order, so that the results of a kernel are bitwise
//! identical for any number of threads and any block size; without fused multiply-add, also on every machine.

pub mod allocator;
pub mod cholesky;
pub mod columns;
pub mod combinations;
#[cfg(target_arch = "x86_64")]
mod cpu;
pub mod genotype_counts;
pub mod gram;
pub mod grid_products;
pub mod interpolation;
pub mod memory;
pub mod orthonormal;
pub mod rank_two;
pub mod secular;
pub mod selected_sums;
pub mod snp_sums;
pub mod symmetric_vector;
pub mod table_product;
pub mod team;
pub mod weighted_sums;
pub mod zeros;

pub use genotype_counts::{GenotypeCounts, PackedMask, count_genotypes};
pub use orthonormal::OrthonormalBasis;
pub use table_product::Precision;
pub use zeros::{try_copy, try_zeros, zeros};

/// Lanes of every sum; input vectors are padded with zeros to a multiple of it.
pub const LANES: usize = 8;

/// `n` rounded up to a multiple of [`LANES`].
#[must_use]
pub fn padded(n: usize) -> usize {
    n.next_multiple_of(LANES)
}

/// Adds the lanes of a sum pairwise, always in the same order.
#[inline(always)]
pub(crate) fn fold(lanes: [f64; LANES]) -> f64 {
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

/// Name of the instruction set that the kernels use on this CPU, for logs.
#[must_use]
pub fn instruction_set() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    {
        match pulp::x86::Arch::new() {
            pulp::x86::Arch::V4(_) => "AVX-512",
            pulp::x86::Arch::V3(_) => "AVX2",
            _ => "SSE2",
        }
    }
    #[cfg(target_arch = "aarch64")]
    {
        "NEON"
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    {
        "portable"
    }
}
