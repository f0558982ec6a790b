//! The kinships of the units of a group, decomposed.

use super::super::relatedness::Relatedness;
use super::Execution;
use super::decomposition::{Undecomposed, word};
use super::kinship::name_of;
use super::parted::Parted;
use crate::cohort::WorkUnit;
use crate::error::Result;
use crate::rotation::Rotation;
use std::sync::Arc;

/// The relatedness of the units of a group.
pub(super) enum Kinships<'a> {
    /// Of the only unit.
    One(Option<Relatedness>),
    /// Of all chromosomes, of which each is left out in turn.
    Parted(Parted<'a>),
}

/// The kinship of a unit.
#[derive(Clone)]
pub(super) struct Decomposed {
    /// The number of its SNPs.
    pub(super) n_snps: usize,
    /// The rotation by its decomposition, if one is needed.
    pub(super) rotation: Option<Arc<Rotation>>,
}

impl<'a> Execution<'a> {
    /// The decompositions of some units, which run side by side.
    pub(super) fn decompositions(
        &mut self,
        group: usize,
        wave: &[usize],
        kinships: &mut Kinships<'a>,
    ) -> Result<Vec<Decomposed>> {
        let parted = match kinships {
            Kinships::One(of) => {
                let of = of.take().expect("there is one unit");
                let rotation = match of {
                    Relatedness::Unused => None,
                    of => {
                        let unit = WorkUnit {
                            kinship: self.study.scopes[wave[0]].clone(),
                            group,
                        };
                        let eigen = self.eigen(&unit, of)?;
                        Some(self.rotation(group, eigen))
                    }
                };
                return Ok(vec![Decomposed {
                    n_snps: 0,
                    rotation,
                }]);
            }
            Kinships::Parted(parted) => parted,
        };
        // A chromosome without a SNP to test needs no decomposition.
        let n_tested = parted.n_tested.clone();
        let is_chosen: Vec<bool> = (self.study.scopes.iter())
            .map(|scope| !self.study.ranges_of(scope).is_empty())
            .collect();
        let is_needed = |part: usize| {
            is_chosen[part] && n_tested.as_ref().is_none_or(|counts| counts[part] > 0)
        };
        let mut named = Vec::new();
        for &part in wave.iter().filter(|&&part| is_needed(part)) {
            let (kinship, _) = self.without(parted, part)?;
            let scope = self.study.scopes[part].clone();
            self.inspect(group, &scope, &kinship)?;
            named.push(Undecomposed {
                kinship,
                name: name_of(&scope),
                kind: word(parted.kind),
                left_out: scope.left_out().map(|one| one.name.clone()),
            });
        }
        let eigen = if named.is_empty() {
            Vec::new()
        } else {
            self.decomposed(group, named)?
        };
        let mut eigen = eigen.into_iter();
        let decomposed = wave.iter().map(|&part| {
            let eigen = is_needed(part).then(|| eigen.next()).flatten();
            Decomposed {
                n_snps: parted.n_snps_without(part),
                rotation: eigen.map(|eigen| self.rotation(group, eigen)),
            }
        });
        Ok(decomposed.collect())
    }
}
