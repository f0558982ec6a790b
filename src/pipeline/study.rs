//! A study without its genotypes: individuals, traits, SNP records and filters, with the open source of the genotypes.

use super::filter_options::FilterOptions;
use super::filters::{GroupFilters, kinship_filter, projection, snp_filter};
use super::job::Analysis;
use super::parts::Seen;
use super::selection::Loco;
use super::sex_chromosomes::StudyChromosomes;
use super::snps::{KnownSnps, all_records, chosen_ranges, common, listed_snps};
use crate::cohort::{Chromosomes, Cohort, Design, KinshipScope};
use crate::error::Result;
use crate::genotype::{
    ChromosomeSet, Excluded, FilterCounts, GenotypeBlock, SnpFilter, SnpSelection, SnpSummary,
    Subset, Uncalled, UnseenSnps,
};
use crate::io::bim::SnpTable;
use crate::io::id_columns::named;
use crate::io::text::count;
use crate::output::sink::LeftOut;
use crate::sources::{GenotypeBlocks, GenotypeSource};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The inputs except the genotypes and the kinship.
pub(super) struct Study {
    pub(super) source: Arc<dyn GenotypeSource>,
    pub(super) cohort: Cohort,
    /// SNP filters for each group of traits.
    pub(super) filters: Vec<GroupFilters>,
    /// SNPs per block. Set by the memory plan, which needs the study, before genotypes are read.
    pub(super) block_snps: usize,
    /// The kinships, and the SNPs that are tested with each.
    pub(super) scopes: Vec<KinshipScope>,
    /// The ranges that contain the SNPs chosen for the tests; `None` if all SNPs are read.
    chosen: Option<Vec<Range<usize>>>,
    /// The only SNPs that are tested, of a part of a run.
    pub(super) only: Option<Range<usize>>,
    /// Whether the run judges every SNP, not only those of one chromosome.
    judges_all: bool,
    /// `--r2-centred`.
    is_r2_centred: bool,
    /// Individuals without any genotype in the blocks processed by [`judge`](Self::judge).
    uncalled: Mutex<Uncalled>,
    /// If the SNPs are not known before reading: the ids of lists, compared with the SNPs processed by `judge`.
    unseen: Mutex<Unseen>,
}

/// How often studies of this process were [asked](Study::seen) what was noticed. A worker may prepare the same run again, and its
/// later reports count.
static N_REPORTS: AtomicU64 = AtomicU64::new(0);

/// The ids of lists that are not among the SNPs processed so far.
#[derive(Default)]
struct Unseen {
    lists: Vec<UnseenSnps>,
    has_blocks: bool,
}

/// The SNPs of a block, divided by a filter.
pub(super) struct Judged {
    /// Those that pass, in order.
    pub(super) kept: Vec<SnpSummary>,
    /// The others, in order.
    pub(super) excluded: Vec<Excluded>,
}

impl Judged {
    /// Counts the SNPs.
    pub(super) fn count(&self, counts: &mut FilterCounts) {
        counts.kept += self.kept.len();
        for snp in &self.excluded {
            counts.add(Err(snp.reason));
        }
    }
}

/// What chooses the SNPs of a study: filters, the analysis, the chromosomes that are left out, and those of the species.
type ChosenSnps<'a> = (
    &'a FilterOptions,
    &'a Analysis,
    Option<&'a Loco>,
    Option<&'a StudyChromosomes>,
);

impl Study {
    /// A study of the traits of `cohort`. Notes are pushed to `notes`.
    ///
    /// * `chromosomes`: those of the species, if it is given; `source` is then theirs
    pub(super) fn new(
        source: Arc<dyn GenotypeSource>,
        cohort: Cohort,
        (options, analysis, loco, chromosomes): ChosenSnps<'_>,
        notes: &mut Vec<String>,
    ) -> Result<Self> {
        // To divide the SNPs into chromosomes, their records are read.
        let records = match loco {
            Some(_) => Some(all_records(&*source)?),
            None => source.snps().cloned(),
        };
        let set = chromosomes.map(|chromosomes| &chromosomes.model().set);
        let scopes = scopes(records.as_deref(), analysis, loco, set, notes)?;
        let snps = source.snps().map(AsRef::as_ref);
        let mut known = KnownSnps {
            snps: records.as_deref(),
            notes,
            unseen: Vec::new(),
        };
        let listed = listed_snps(options.snps.as_ref(), "-snps", &mut known)?;
        let computed = analysis.computed_kinship();
        let list = computed.and_then(|kinship| kinship.snps.as_ref());
        let of_kinship = listed_snps(list, "-ksnps", &mut known)?;
        let selection = options.choice.read(listed.clone(), &mut known)?;
        let (selection, unseen) = (selection.map(Arc::new), known.unseen);
        // Only tests need the ploidy: a kinship has no other SNPs than those on autosomes.
        let ploidy = chromosomes.filter(|_| matches!(analysis, Analysis::Association(_)));
        if let Some(ploidy) = ploidy {
            let (snps, selection) = (records.as_deref(), selection.as_ref());
            ploidy.check_tests(snps, &scopes, selection, &cohort, notes)?;
        }
        if options.min_maf.is_none() && options.min_hwe != 0.0 {
            notes.push("-notsnp turns off the -hwe filter too, as in GEMMA".into());
        }
        let tests_none = matches!(analysis, Analysis::Eigen(_) | Analysis::Residuals { .. });
        if tests_none && computed.is_some() && listed.is_some() {
            notes.push("-snps lists the SNPs to test, but this run tests none; the kinship is computed from all SNPs that pass the filters, or from those of -ksnps".into());
        }
        // A list of SNPs to test does not restrict the kinship; only with -gk, as in GEMMA, it lists the SNPs of the kinship.
        let is_kinship_run = matches!(analysis, Analysis::Kinship(_));
        let own_list = of_kinship.or_else(|| listed.filter(|_| is_kinship_run));
        let own_list = own_list.map(SnpSelection::of_list).map(Arc::new);
        let products = analysis.products();
        let all_snps = products.all_snps;
        let chosen = match (&selection, snps) {
            (Some(selection), Some(snps)) if !all_snps && selection.has_choice() => {
                Some(chosen_ranges(selection, snps))
            }
            _ => None,
        };
        let filters = cohort.groups.iter().map(|group| {
            let tested = SnpFilter {
                summarises_all: all_snps,
                reports_info: products.info,
                ploidy: ploidy.map(|of| of.ploidy(&cohort, &group.subset)),
                ..snp_filter(options, group, selection.clone())
            };
            let kinship = computed.map(|kinship| {
                let autosomes = chromosomes.map(|of| Arc::clone(of.model()));
                kinship_filter(kinship, &tested, own_list.clone(), autosomes, group)
            });
            GroupFilters { tested, kinship }
        });
        Ok(Self {
            filters: filters.collect(),
            source,
            cohort,
            block_snps: 1,
            judges_all: computed.is_some()
                || chosen.is_none() && !matches!(loco, Some(Loco::One(_))),
            chosen,
            only: None,
            is_r2_centred: options.is_r2_centred,
            scopes,
            uncalled: Mutex::default(),
            unseen: Mutex::new(Unseen {
                lists: unseen,
                has_blocks: false,
            }),
        })
    }

    /// Replaces the covariates of a group, with which SNPs are tested and filtered (`-r2`). The filter of a computed kinship
    /// does not change.
    pub(super) fn set_design(&mut self, group: usize, design: Design) {
        self.cohort.groups[group].design = design;
        let projection = projection(&self.cohort.groups[group], self.is_r2_centred);
        self.filters[group].tested.covariates = projection;
    }

    /// Blocks of all SNPs, in order.
    pub(super) fn blocks(&self) -> Result<Box<dyn GenotypeBlocks>> {
        self.blocks_of(0..usize::MAX)
    }

    /// Blocks of a range of SNPs, in order.
    pub(super) fn blocks_of(&self, mut snps: Range<usize>) -> Result<Box<dyn GenotypeBlocks>> {
        snps.end = snps.end.min(self.n_snps().unwrap_or(usize::MAX));
        self.source.blocks(snps, self.block_snps)
    }

    /// The ranges of SNPs that are read to test those of a scope, in the order of the source.
    pub(super) fn ranges_of(&self, scope: &KinshipScope) -> Vec<Range<usize>> {
        let tested = self.tested_of(scope);
        match &self.chosen {
            None => tested,
            Some(chosen) => common(&tested, chosen),
        }
    }

    /// The ranges of SNPs of a scope, of which those that are chosen are tested; in a part of a run, those of the part.
    fn tested_of(&self, scope: &KinshipScope) -> Vec<Range<usize>> {
        match &self.only {
            None => scope.tested(),
            Some(only) if only.is_empty() => Vec::new(),
            Some(only) => common(&scope.tested(), std::slice::from_ref(only)),
        }
    }

    /// The number of SNPs in [`ranges_of`](Self::ranges_of) a scope, if it is known before reading.
    pub(super) fn n_read_for(&self, scope: &KinshipScope) -> Option<usize> {
        let n_snps = self.n_snps()?;
        let ranges = self.ranges_of(scope).into_iter();
        Some(
            ranges
                .map(|range| range.start..range.end.min(n_snps))
                .map(|range| range.len())
                .sum(),
        )
    }

    /// Counts the SNPs of a scope that are not read because they are not chosen.
    pub(super) fn count_unread(
        &self,
        scope: &KinshipScope,
        group: usize,
        counts: &mut FilterCounts,
    ) {
        let selection = self.filters[group].tested.selection.as_ref();
        let (Some(_), Some(snps), Some(selection)) = (&self.chosen, self.source.snps(), selection)
        else {
            return;
        };
        let read = self.ranges_of(scope);
        for range in self.tested_of(scope) {
            for snp in range.start..range.end.min(snps.len()) {
                let after = read.partition_point(|read| read.start <= snp);
                let is_read = after > 0 && snp < read[after - 1].end;
                if let (false, Err(reason)) = (is_read, selection.check(snps.get(snp))) {
                    counts.add(Err(reason.into()));
                }
            }
        }
    }

    /// Whether the results of a group arrive in the order of the source, whatever the sizes of blocks.
    pub(super) fn is_in_order(&self) -> bool {
        let ranges: Vec<Range<usize>> = self.scopes.iter().flat_map(KinshipScope::tested).collect();
        ranges.windows(2).all(|two| two[0].end <= two[1].start)
    }

    /// The name of the only chromosome that is left out.
    pub(super) fn left_out(&self) -> LeftOut {
        let name = |scope: &KinshipScope| scope.left_out().map(|one| one.name.clone());
        match self.scopes.as_slice() {
            [one] => name(one).map_or(LeftOut::None, LeftOut::One),
            many => LeftOut::Every(many.iter().filter_map(name).collect()),
        }
    }

    /// The number of SNPs in the source, if it is known before reading.
    pub(super) fn n_snps(&self) -> Option<usize> {
        self.source.snps().map(|snps| snps.len())
    }

    /// A note on those of `subset` without any genotype, if all SNPs were [judged](Self::judge).
    pub(super) fn uncalled_note(&self, subset: &Subset) -> Option<String> {
        let uncalled = self.uncalled.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.judges_all {
            return None;
        }
        let names: Vec<String> = (uncalled.rows().iter())
            .filter(|row| subset.rows().binary_search(row).is_ok())
            .map(|&row| self.cohort.everybody[row].to_string())
            .collect();
        (!names.is_empty()).then(|| {
            format!(
                "{} without any genotype: {}; all their genotypes are imputed with the mean of the SNP; to exclude them, set the phenotype to NA",
                count(names.len(), "individual"),
                named(&names)
            )
        })
    }

    /// Compares the SNPs of `block` with the lists of SNPs.
    fn see(&self, block: &GenotypeBlock) {
        let mut unseen = self.unseen.lock().unwrap_or_else(PoisonError::into_inner);
        unseen.has_blocks = true;
        for list in &mut unseen.lists {
            for snp_index in block.snp_indices() {
                list.see(block.record(snp_index).rs);
            }
        }
    }

    /// What was noticed in the genotypes that were [judged](Self::judge) so far, by the process or part `by`.
    pub(super) fn seen(&self, by: String) -> Seen {
        let uncalled = self.uncalled.lock().unwrap_or_else(PoisonError::into_inner);
        let unseen = self.unseen.lock().unwrap_or_else(PoisonError::into_inner);
        let lists = unseen.lists.iter();
        Seen {
            by,
            process: std::process::id(),
            number: N_REPORTS.fetch_add(1, Ordering::Relaxed),
            instructions: Some(crate::kernels::instruction_set().to_owned()),
            uncalled: uncalled.clone(),
            unseen: lists
                .map(|list| list.ids().map(str::to_owned).collect())
                .collect(),
            notes: self.source.notes_after_reading(),
        }
    }

    /// Adds what was noticed elsewhere, except the notes of the source.
    pub(super) fn add_seen(&self, seen: &Seen) {
        let mut uncalled = self.uncalled.lock().unwrap_or_else(PoisonError::into_inner);
        uncalled.merge(seen.uncalled.clone());
        let mut unseen = self.unseen.lock().unwrap_or_else(PoisonError::into_inner);
        unseen.has_blocks = true;
        for (list, ids) in unseen.lists.iter_mut().zip(&seen.unseen) {
            list.keep(ids);
        }
    }

    /// Notes on listed SNPs that are not among the [judged](Self::judge) ones, if the SNPs were not known before.
    pub(super) fn unseen_notes(&self) -> Vec<String> {
        let unseen = self.unseen.lock().unwrap_or_else(PoisonError::into_inner);
        // A run that reads no genotypes compares nothing; every other one reads all SNPs of such a source.
        let lists = unseen.lists.iter().filter(|_| unseen.has_blocks);
        lists.filter_map(UnseenSnps::note).collect()
    }

    /// Which SNPs of `block` pass `filter` over `subset`.
    pub(super) fn judge(
        &self,
        block: &GenotypeBlock,
        filter: &SnpFilter,
        subset: &Subset,
    ) -> Judged {
        self.uncalled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(block);
        self.see(block);
        let verdicts: Vec<_> = block
            .snp_indices()
            .into_par_iter()
            .with_min_len(64)
            .map_init(
                || vec![0.0; subset.len()],
                |x, snp_index| filter.judge(block, snp_index, subset, x),
            )
            .collect();
        let mut judged = Judged {
            kept: Vec::with_capacity(verdicts.len()),
            excluded: Vec::new(),
        };
        for verdict in verdicts {
            match verdict {
                Ok(summary) => judged.kept.push(summary),
                Err(excluded) => judged.excluded.push(excluded),
            }
        }
        judged
    }
}

/// The kinships of the run, in the order of the SNPs that are tested with them.
///
/// * `snps`: the SNPs, which `loco` needs
/// * `set`: the chromosomes of the species, if it is given
fn scopes(
    snps: Option<&SnpTable>,
    analysis: &Analysis,
    loco: Option<&Loco>,
    set: Option<&ChromosomeSet>,
    notes: &mut Vec<String>,
) -> Result<Vec<KinshipScope>> {
    let (Some(loco), Some(snps)) = (loco, snps) else {
        return Ok(vec![match analysis {
            Analysis::Association(association) if association.kinship.is_none() => {
                KinshipScope::None
            }
            _ => KinshipScope::Genome,
        }]);
    };
    let chromosomes = match loco {
        Loco::One(name) => vec![Chromosomes::find(snps, name)?],
        Loco::Every { least } => {
            let divided = Chromosomes::divide(snps, *least, set)?;
            notes.extend(divided.note(*least));
            divided.all
        }
    };
    Ok((chromosomes.into_iter())
        .map(|one| KinshipScope::Without(Arc::new(one)))
        .collect())
}
