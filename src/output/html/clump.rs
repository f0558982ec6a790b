//! Loci joined by linkage disequilibrium.

use super::collect::Collected;
use super::loci::Locus;
use super::study::Region;
use std::collections::HashMap;

/// A lead SNP with at least this r² with a stronger one belongs to its locus.
pub(super) const LINKED: f32 = 0.2;

/// The loci without those whose lead SNP is in the regional plot of a stronger lead SNP with r² ≥ [`LINKED`]; their SNPs count for its
/// locus.
///
/// * `loci`: by distance, those with the strongest lead SNP first
#[must_use]
pub(super) fn joined(loci: &[Locus], of: &Collected, regions: &[Region]) -> Vec<Locus> {
    let snp_of = |locus: &Locus| of.thinned.strongest[locus.lead].point.snp;
    let r2: HashMap<usize, HashMap<u32, f32>> = (regions.iter())
        .map(|region| {
            let snps = region.window.rows.iter().map(|&row| of.rows.snp[row]);
            let r2 = snps.zip(region.r2.iter().copied()).collect();
            (region.window.lead, r2)
        })
        .collect();
    let mut kept: Vec<Locus> = Vec::new();
    for locus in loci {
        let is_linked = |stronger: &&mut Locus| {
            let of_region = r2.get(&stronger.lead);
            of_region.is_some_and(|r2| r2.get(&snp_of(locus)).is_some_and(|r2| *r2 >= LINKED))
        };
        match kept.iter_mut().find(is_linked) {
            Some(stronger) => stronger.n_significant += locus.n_significant,
            None => kept.push(*locus),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::super::collect::{Collector, SnpRow};
    use super::super::loci::{loci, windows};
    use super::super::thin::Limits;
    use super::*;

    #[test]
    fn a_linked_lead_belongs_to_the_stronger_one() {
        let mut collector = Collector::new(Limits::for_traits(1));
        for (snp, (position, y)) in [
            (5, 9.0),
            (1_000_000, 12.0),
            (1_600_000, 8.0),
            (3_000_000, 7.0),
        ]
        .into_iter()
        .enumerate()
        {
            collector.add(&SnpRow {
                snp: snp as u32,
                chr: "1",
                position,
                id: "rs",
                allele1: "A",
                allele0: "C",
                af: 0.5,
                n_miss: None,
                beta: 0.0,
                se: 1.0,
                y,
            });
        }
        let of = collector.finish();
        let all = loci(&of, 5.0, 5.0);
        assert_eq!(all.len(), 4);
        let mut regions: Vec<Region> = (windows(&of, 1).into_iter())
            .map(|window| Region {
                window,
                r2: Vec::new(),
            })
            .collect();
        assert_eq!(joined(&all, &of, &regions), all, "without r², all are kept");
        regions[0].r2 = vec![0.19, 1.0, 0.2, f32::NAN];
        let kept = joined(&all, &of, &regions);
        let leads: Vec<u32> = (kept.iter())
            .map(|locus| of.thinned.strongest[locus.lead].point.position)
            .collect();
        assert_eq!(leads, [1_000_000, 5, 3_000_000]);
        assert_eq!(kept[0].n_significant, 2);
    }
}
