//! The kinships of the units of a group, decomposed.

use super::super::relatedness::Relatedness;
use super::Execution;
use super::decomposition::{Undecomposed, UnitEigen, word};
use super::kinship::name_of;
use super::parted::Parted;
use crate::cohort::WorkUnit;
use crate::error::Result;
use crate::null::Mixture;
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
    /// The ratio of two kinships, if there are two.
    pub(super) mixture: Option<Mixture>,
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
                let (rotation, mixture) = match of {
                    Relatedness::Unused => (None, None),
                    of => {
                        let unit = WorkUnit {
                            kinship: self.study.scopes[wave[0]].clone(),
                            group,
                        };
                        let UnitEigen { eigen, mixture } = self.eigen(&unit, of)?;
                        (Some(self.rotation(group, eigen)), mixture)
                    }
                };
                return Ok(vec![Decomposed {
                    n_snps: 0,
                    rotation,
                    mixture,
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
        let (mut named, mut mixtures) = (Vec::new(), Vec::new());
        for &part in wave.iter().filter(|&&part| is_needed(part)) {
            let (kinship, _) = self.without(parted, part)?;
            let scope = self.study.scopes[part].clone();
            self.inspect(group, &scope, &kinship)?;
            let first = Undecomposed {
                kinship,
                name: name_of(&scope),
                kind: word(parted.kind),
                left_out: scope.left_out().map(|one| one.name.clone()),
            };
            let (combined, mixture) = self.mixed(group, first)?;
            named.push(combined);
            mixtures.push(mixture);
        }
        let eigen = if named.is_empty() {
            Vec::new()
        } else {
            self.decomposed(group, named)?
        };
        let mut pairs = eigen.into_iter().zip(mixtures);
        let decomposed = wave.iter().map(|&part| {
            let (eigen, mixture) = is_needed(part).then(|| pairs.next()).flatten().unzip();
            Decomposed {
                n_snps: parted.n_snps_without(part),
                rotation: eigen.map(|eigen| self.rotation(group, eigen)),
                mixture: mixture.flatten(),
            }
        });
        Ok(decomposed.collect())
    }
}
