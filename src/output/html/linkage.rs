//! r² in the regional plots of finished runs, from files of genotypes.

use super::study::RunView;
use crate::error::Result;
use crate::genotype::{ChromosomeSet, Subset, common_name};
use crate::sources::{GenotypeFiles, GenotypeSource, squared_correlations};
use std::collections::{HashMap, HashSet};

/// SNPs read at a time to find their positions.
const SNPS_AT_ONCE: usize = 1024;

/// The SNP at each chromosome and position; `None` if there are several.
type Places = HashMap<(String, i64), Option<usize>>;

/// Adds r² to the regional plots, over all individuals of the genotypes. A SNP whose position is that of no SNP or of several has
/// none.
///
/// * `set`: the chromosomes of the species, by which the number of a chromosome may be X
///
/// Fails if the files cannot be read.
pub(super) fn linkage(
    runs: &mut [RunView],
    files: &GenotypeFiles,
    set: Option<&ChromosomeSet>,
) -> Result<()> {
    let opened = files.open()?;
    let source = &*opened.source;
    let at = places(source, &wanted(runs, set), set)?;
    let everybody = Subset::everybody(source.individuals().len());
    let name = files.paths().first().map_or_else(String::new, |first| {
        first
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    });
    for run in runs {
        run.ld_of = format!("the {} individuals of {name}", everybody.len());
        for one in &mut run.traits {
            let collected = &one.collected;
            for region in &mut one.regions {
                let lead = collected.thinned.strongest[region.window.lead].point;
                let chr = common_name(&collected.names[lead.chromosome as usize], set);
                let index = |position: u32| {
                    let place = (chr.clone(), i64::from(position));
                    at.get(&place).copied().flatten()
                };
                let Some(lead) = index(lead.position) else {
                    continue;
                };
                let rows = region.window.rows.iter();
                let found: Vec<Option<usize>> = rows
                    .map(|&row| index(collected.rows.position[row]))
                    .collect();
                let known: Vec<usize> = found.iter().copied().flatten().collect();
                let r2 = squared_correlations(source, &everybody, lead, &known, &|| Ok(()))?;
                let mut r2 = r2.into_iter();
                let r2 = found
                    .iter()
                    .map(|one| one.and_then(|_| r2.next()).unwrap_or(f32::NAN));
                region.r2 = r2.collect();
            }
        }
    }
    Ok(())
}

/// The chromosomes and positions of the SNPs in the regional plots.
fn wanted(runs: &[RunView], set: Option<&ChromosomeSet>) -> HashSet<(String, i64)> {
    let mut wanted = HashSet::new();
    for one in runs.iter().flat_map(|run| &run.traits) {
        let collected = &one.collected;
        for region in &one.regions {
            let lead = collected.thinned.strongest[region.window.lead].point;
            let chr = common_name(&collected.names[lead.chromosome as usize], set);
            let rows = region.window.rows.iter();
            wanted.extend(rows.map(|&row| (chr.clone(), i64::from(collected.rows.position[row]))));
        }
    }
    wanted
}

/// The SNPs of `source` at the wanted places. A source without a list of its SNPs is read once.
fn places(
    source: &dyn GenotypeSource,
    wanted: &HashSet<(String, i64)>,
    set: Option<&ChromosomeSet>,
) -> Result<Places> {
    let mut at = Places::new();
    let mut add = |index: usize, chr: &str, ps: i64| {
        let place = (common_name(chr, set), ps);
        if wanted.contains(&place) {
            let known = at.entry(place).or_insert(Some(index));
            if *known != Some(index) {
                *known = None;
            }
        }
    };
    if let Some(snps) = source.snps() {
        for (index, snp) in snps.iter().enumerate() {
            add(index, snp.chr, snp.ps);
        }
        return Ok(at);
    }
    let mut blocks = source.blocks(0..usize::MAX, SNPS_AT_ONCE)?;
    while let Some(block) = blocks.next_block() {
        let block = block?;
        for index in block.snp_indices() {
            let snp = block.record(index);
            add(index, snp.chr, snp.ps);
        }
        blocks.recycle(block);
    }
    Ok(at)
}
