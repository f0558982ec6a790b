//! The SNPs that are covariates (`--condition`) or the partner of interactions (`--interaction`): found by id and read before
//! the covariates are put together.

use super::input::Input;
use super::job::ConditionInput;
use crate::cohort::ConditionSnp;
use crate::error::{Error, Result};
use crate::genotype::{GenotypeBlock, Subset};
use crate::io::id_columns::named;
use crate::io::snp_list::read_snp_list_in_order;
use crate::sources::GenotypeSource;
use std::collections::HashMap;
use std::ops::Range;

/// SNPs read at a time if the ids of the source are not known before.
const SNPS_AT_ONCE: usize = 256;

/// The SNPs of `input` (`--condition`), in its order. Notes are pushed to `notes`.
///
/// Fails if an id is not that of exactly one SNP of `source`.
pub(super) fn read_conditions(
    input: &ConditionInput,
    source: &dyn GenotypeSource,
    notes: &mut Vec<String>,
) -> Result<Vec<ConditionSnp>> {
    let (ids, origin) = match input {
        Input::Memory(ids) => (ids.clone(), "--condition".to_owned()),
        Input::File(path) => {
            let origin = format!("--condition {}", path.display());
            (read_snp_list_in_order(path)?, origin)
        }
    };
    let ids = once_each(ids, &origin, notes);
    let hint = "give ids of SNPs, separated by commas (in the .bim, they are in column 2), or the name of an existing file with one id per line";
    read_snps(&ids, source, ("--condition", &origin), hint)
}

/// The partner of interactions (`--interaction`).
///
/// Fails if `id` is not that of exactly one SNP of `source`.
pub(super) fn read_partner(id: &str, source: &dyn GenotypeSource) -> Result<ConditionSnp> {
    let option = "--interaction";
    let hint = "give the id of one SNP (in the .bim, it is in column 2); an environment that is not a SNP is given with --gxe";
    let mut found = read_snps(&[id.into()], source, (option, option), hint)?;
    Ok(found.remove(0))
}

/// The SNPs with these ids, in their order.
///
/// * `option`, `origin`: what names them, for messages
/// * `hint`: the cure if there is no such SNP
fn read_snps(
    ids: &[Box<str>],
    source: &dyn GenotypeSource,
    (option, origin): (&'static str, &str),
    hint: &str,
) -> Result<Vec<ConditionSnp>> {
    let place: HashMap<&str, usize> = ids.iter().enumerate().map(|(k, id)| (&**id, k)).collect();
    let mut found: Vec<Vec<ConditionSnp>> = vec![Vec::new(); ids.len()];
    let everybody = Subset::everybody(source.individuals().len());
    let mut take = |block: &GenotypeBlock| {
        for snp_index in block.snp_indices() {
            let record = block.record(snp_index);
            if let Some(&k) = place.get(record.rs) {
                let mut dosages = vec![0.0; everybody.len()];
                block.fill_column(snp_index, &everybody, f64::NAN, &mut dosages);
                found[k].push(ConditionSnp {
                    option,
                    id: record.rs.to_owned(),
                    chr: record.chr.to_owned(),
                    ps: record.ps,
                    dosages,
                });
            }
        }
    };
    match source.snps() {
        Some(snps) => {
            let mut wanted: Vec<Vec<usize>> = vec![Vec::new(); ids.len()];
            for (snp_index, snp) in snps.iter().enumerate() {
                if let Some(&k) = place.get(snp.rs) {
                    wanted[k].push(snp_index);
                }
            }
            check_found(ids, &counts(&wanted), origin, hint)?;
            let mut wanted: Vec<usize> = wanted.concat();
            wanted.sort_unstable();
            for snp_index in wanted {
                each_block(source, snp_index..snp_index + 1, &mut take)?;
            }
        }
        None => each_block(source, 0..usize::MAX, &mut take)?,
    }
    check_found(ids, &counts(&found), origin, hint)?;
    Ok(found.into_iter().flatten().collect())
}

/// The ids without repetitions, which a note names.
fn once_each(ids: Vec<Box<str>>, origin: &str, notes: &mut Vec<String>) -> Vec<Box<str>> {
    let (mut once, mut repeated) = (Vec::new(), Vec::new());
    for id in ids {
        if once.contains(&id) {
            repeated.push(id.to_string());
        } else {
            once.push(id);
        }
    }
    if !repeated.is_empty() {
        let names = named(&repeated);
        notes.push(format!("{origin}: listed more than once: {names}"));
    }
    once
}

/// Passes the blocks of some SNPs to `take`.
fn each_block(
    source: &dyn GenotypeSource,
    snps: Range<usize>,
    take: &mut impl FnMut(&GenotypeBlock),
) -> Result<()> {
    let mut blocks = source.blocks(snps, SNPS_AT_ONCE)?;
    while let Some(block) = blocks.next_block() {
        let block = block?;
        take(&block);
        blocks.recycle(block);
    }
    Ok(())
}

/// The number of SNPs of each id.
fn counts<T>(of_ids: &[Vec<T>]) -> Vec<usize> {
    of_ids.iter().map(Vec::len).collect()
}

/// Fails if an id was not found, or more than once.
fn check_found(ids: &[Box<str>], n_found: &[usize], origin: &str, hint: &str) -> Result<()> {
    let those = |is: fn(usize) -> bool| -> Vec<String> {
        let all = ids.iter().zip(n_found).filter(|(_, n)| is(**n));
        all.map(|(id, _)| id.to_string()).collect()
    };
    let unknown = those(|n| n == 0);
    if !unknown.is_empty() {
        return Err(Error::inconsistent(
            format!(
                "{origin}: no SNP of the genotypes has this id: {}",
                named(&unknown)
            ),
            hint,
        ));
    }
    let ambiguous = those(|n| n > 1);
    if !ambiguous.is_empty() {
        return Err(Error::inconsistent(
            format!(
                "{origin}: several SNPs of the genotypes have this id: {}",
                named(&ambiguous)
            ),
            "give the SNPs ids of their own, for example with PLINK 2: plink2 --bfile PREFIX --set-all-var-ids @:#:\\$r:\\$a --make-bed --out NEW",
        ));
    }
    Ok(())
}
