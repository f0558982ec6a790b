//! What is known about a run before it computes: the header for its sinks.

use super::study::Study;
use crate::output::sink::{GroupHeader, LeftOut, Products, RunHeader, TestedSnps, TraitHeader};
use std::sync::Arc;

/// The header of a run of one trait before anything is read: enough to know the names of its files.
pub(super) fn unknown_study(products: &Products) -> RunHeader {
    let one = TraitHeader {
        number: 0,
        name: String::new(),
    };
    RunHeader {
        products: products.clone(),
        everybody: Arc::default(),
        groups: vec![GroupHeader {
            traits: vec![one],
            analysed: Arc::default(),
        }],
        are_several: false,
        left_out: LeftOut::None,
        n_snps: None,
        tested: None,
    }
}

/// The results to come.
pub(super) fn header(products: Products, study: &Study, are_several: bool) -> RunHeader {
    let cohort = &study.cohort;
    let groups = cohort.groups.iter().map(|group| GroupHeader {
        traits: (group.traits.iter())
            .map(|one| TraitHeader {
                number: one.number,
                name: one.name.clone(),
            })
            .collect(),
        analysed: cohort.analysed(group).into(),
    });
    RunHeader {
        products,
        everybody: cohort.everybody.as_slice().into(),
        groups: groups.collect(),
        are_several,
        left_out: study.left_out(),
        n_snps: study.n_snps(),
        tested: tested(study),
    }
}

/// The SNPs that are read for the tests, if they are known before reading.
fn tested(study: &Study) -> Option<TestedSnps> {
    let records = Arc::clone(study.source.snps()?);
    let scopes = study.scopes.iter();
    let mut ranges: Vec<_> = scopes.flat_map(|scope| study.ranges_of(scope)).collect();
    ranges.sort_by_key(|range| range.start);
    Some(TestedSnps { records, ranges })
}
