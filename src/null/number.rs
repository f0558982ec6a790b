//! One number, or eight at once, with the same operations.

use crate::kernels::LANES;
use std::ops::{Add, Div, Mul, Sub};

/// What the formulas need: one number, or eight.
pub(crate) trait Number:
    Copy + From<f64> + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
}

impl Number for f64 {}

/// Eight numbers; every operation is applied to each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Eight(pub(super) [f64; LANES]);

impl Number for Eight {}

impl Default for Eight {
    #[inline(always)]
    fn default() -> Self {
        Self::from(0.0)
    }
}

impl From<f64> for Eight {
    #[inline(always)]
    fn from(x: f64) -> Self {
        Self([x; LANES])
    }
}

macro_rules! lane_by_lane {
    ($operator:ident, $method:ident) => {
        impl $operator for Eight {
            type Output = Self;

            #[inline(always)]
            fn $method(mut self, other: Self) -> Self {
                for lane in 0..LANES {
                    self.0[lane] = self.0[lane].$method(other.0[lane]);
                }
                self
            }
        }
    };
}
lane_by_lane!(Add, add);
lane_by_lane!(Sub, sub);
lane_by_lane!(Mul, mul);
lane_by_lane!(Div, div);
