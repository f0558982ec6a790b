//! Instruction sets, as tokens that exist only if the CPU supports them.
//!
//! A kernel written for an instruction set takes the token of that set, so it cannot be called on a CPU that lacks it.
//! Functions with `#[target_feature]` are called only through [`with_instructions`], so that the compiler checks that the
//! token covers their features.

use pulp::core_arch::x86::{Avx512vnni, Avx512vpopcntdq};
pub(super) use pulp::x86::{V3, V4};

/// [`V4`] with AVX-512 VNNI, products of bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct V4Vnni {
    _v4: V4,
    _vnni: Avx512vnni,
}

impl V4Vnni {
    /// The token, if this CPU has the instructions.
    pub(super) fn try_new() -> Option<Self> {
        Some(Self {
            _v4: V4::try_new()?,
            _vnni: Avx512vnni::try_new()?,
        })
    }
}

/// [`V4`] with AVX-512 VPOPCNTDQ, population counts of vectors.
#[derive(Debug, Clone, Copy)]
pub(super) struct V4Popcnt {
    _v4: V4,
    _popcnt: Avx512vpopcntdq,
}

impl V4Popcnt {
    /// The token, if this CPU has the instructions.
    pub(super) fn try_new() -> Option<Self> {
        Some(Self {
            _v4: V4::try_new()?,
            _popcnt: Avx512vpopcntdq::try_new()?,
        })
    }
}

/// Calls a function that has `#[target_feature]`: `with_instructions!(cpu: V4, function(a, b))`, where `cpu` is a token.
///
/// The arguments must be names of variables. Compilation fails if the function needs features that the token does not
/// cover, or is unsafe for another reason. This is a macro because a generic function cannot take a function that has
/// target features.
macro_rules! with_instructions {
    ($cpu:ident: V3, $($call:tt)*) => {
        with_instructions!(@ $cpu, V3, "avx2,fma", $($call)*)
    };
    ($cpu:ident: V4, $($call:tt)*) => {
        with_instructions!(@ $cpu, V4, "avx512f,avx512bw,avx512cd,avx512dq,avx512vl", $($call)*)
    };
    ($cpu:ident: V4Vnni, $($call:tt)*) => {
        with_instructions!(@ $cpu, V4Vnni, "avx512f,avx512bw,avx512vnni", $($call)*)
    };
    ($cpu:ident: V4Popcnt, $($call:tt)*) => {
        with_instructions!(@ $cpu, V4Popcnt, "avx512f,avx512vpopcntdq", $($call)*)
    };
    (@ $cpu:ident, $token:ident, $features:literal, $function:ident($($argument:ident),*)) => {{
        #[target_feature(enable = $features)]
        fn _is_covered() {
            // A call without `unsafe` compiles only for a safe function whose features are among these.
            let _ = |$($argument),*| $function($($argument),*);
        }
        let _: $crate::kernels::cpu::$token = $cpu;
        #[allow(unsafe_code, reason = "a function for one instruction set")]
        // SAFETY: a token exists only if this CPU has its features, and `_is_covered` compiles only if the function needs
        // no other features and has no other safety requirement.
        unsafe {
            $function($($argument),*)
        }
    }};
}
pub(super) use with_instructions;
