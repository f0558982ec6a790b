//! Partial sums of kinships.

use super::seen::Seen;
use crate::error::{Error, Result};
use crate::genotype::FilterCounts;
use crate::kinship::{KinshipSum, StoredSum};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The key of the sum of all units in [`KinshipPart::sums`].
pub const ALL_UNITS: u32 = u32::MAX;

/// The sum of `total`, if there is one, and `more`. Fails if they are of different runs.
pub(super) fn added(total: Option<StoredSum>, more: StoredSum) -> Result<StoredSum> {
    let Some(total) = total else {
        return Ok(more);
    };
    if !total.is_like(&more) {
        return Err(different());
    }
    let mut total = KinshipSum::from(total);
    total.merge(more.into());
    Ok(total.into())
}

fn different() -> Error {
    Error::inconsistent(
        "two parts of a kinship are of different individuals, kinds or groups of traits",
        "merge the parts of one run",
    )
}

/// What some SNPs contribute to the kinships of a group of traits.
#[derive(Serialize, Deserialize)]
pub struct KinshipPart {
    /// The number of the group.
    pub group: usize,
    /// The sums of the SNPs of each unit: of each chromosome if every chromosome is left out in turn, otherwise of unit 0. Or
    /// that of [`ALL_UNITS`].
    pub sums: BTreeMap<u32, StoredSum>,
    /// Number of SNPs of each unit.
    pub n_snps: Vec<usize>,
    /// SNPs kept and excluded.
    pub counts: FilterCounts,
    /// SNPs that passed the filters and are on the one chromosome that is left out.
    pub n_left_out: usize,
    /// By the index of the first SNP of a stretch: whether each of its SNPs is in the sums.
    pub used: BTreeMap<usize, Vec<bool>>,
    /// What was noticed.
    pub seen: Vec<Seen>,
}

impl KinshipPart {
    /// Adds the SNPs of another part, in any order.
    ///
    /// Fails if the parts are of different runs.
    pub fn merge(&mut self, other: Self) -> Result<()> {
        let is_alike = self.group == other.group
            && self.n_snps.len() == other.n_snps.len()
            && (self.sums.iter())
                .all(|(unit, sum)| other.sums.get(unit).is_none_or(|one| sum.is_like(one)));
        if !is_alike {
            return Err(different());
        }
        for (unit, sum) in other.sums {
            let sum = added(self.sums.remove(&unit), sum)?;
            self.sums.insert(unit, sum);
        }
        for (count, more) in self.n_snps.iter_mut().zip(other.n_snps) {
            *count += more;
        }
        self.counts.merge(&other.counts);
        self.n_left_out += other.n_left_out;
        self.used.extend(other.used);
        self.seen.extend(other.seen);
        self.seen = Seen::gathered(std::mem::take(&mut self.seen));
        Ok(())
    }

    /// The same with one sum over all units.
    #[must_use]
    pub fn flattened(mut self) -> Self {
        let mut total: Option<KinshipSum> = None;
        for (_, sum) in std::mem::take(&mut self.sums) {
            match &mut total {
                None => total = Some(sum.into()),
                Some(total) => total.merge(sum.into()),
            }
        }
        self.sums.extend(total.map(|sum| (ALL_UNITS, sum.into())));
        self
    }

    /// Whether each SNP up to the last one is in the sums.
    #[must_use]
    pub fn all_used(&self) -> Vec<bool> {
        let end = self.used.iter().map(|(start, used)| start + used.len());
        let mut all = vec![false; end.max().unwrap_or(0)];
        for (start, used) in &self.used {
            all[*start..start + used.len()].copy_from_slice(used);
        }
        all
    }
}
