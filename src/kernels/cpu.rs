//! What this CPU can do, as tokens that exist only if it was detected.
//!
//! A kernel written for an instruction set takes the token of that set, so it cannot be called on a CPU that lacks it.
//! Functions with `#[target_feature]` are entered through [`with_instructions`] alone, where the compiler checks that the
//! token covers their features.

use pulp::core_arch::x86::{Avx512vnni, Avx512vpopcntdq};
pub(super) use pulp::x86::{V3, V4};

/// [`V4`] and products of bytes.
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

/// [`V4`] and counts of the ones of a vector.
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

/// Calls a function that has `#[target_feature]`: `with_instructions!(cpu: V4, function(a, b))`, with `cpu` a token.
///
/// The arguments are names of variables. Does not compile if the function needs other features than the token stands for,
/// or is unsafe for another reason. A macro, because a generic function cannot take one with features of its own.
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
            // A call without `unsafe`: only a safe function whose features are among these can be called so.
            let _ = |$($argument),*| $function($($argument),*);
        }
        let _: $crate::kernels::cpu::$token = $cpu;
        #[allow(unsafe_code, reason = "a function for one instruction set")]
        // SAFETY: a token exists only if this CPU has its features, and `_is_covered` compiles only if the function needs
        // no others and nothing else of its caller.
        unsafe {
            $function($($argument),*)
        }
    }};
}
pub(super) use with_instructions;
