//! The chromosomes of a species in a study (`--chr-set`): the recoded genotypes, and the sexes that the tests need.

use crate::cohort::{Cohort, ConditionSnp, KinshipScope, TraitGroup};
use crate::error::{Error, Result};
use crate::genotype::{
    ChromosomeClass, ChromosomeModel, GroupPloidy, SnpSelection, Subset, XModel,
};
use crate::io::bim::{Snp, SnpTable};
use crate::io::id_columns::named;
use crate::io::sex::Sex;
use crate::io::text::count;
use crate::kernels::orthonormal::dot;
use crate::sources::{GenotypeSource, NeedsSex, PloidySource, class_note, unknown_sexes};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Proportion of the variation of sex that covariates may leave unexplained if they contain sex.
const UNEXPLAINED: f64 = 1e-9;

/// The chromosomes of a study.
#[derive(Debug)]
pub(super) struct StudyChromosomes {
    source: Arc<PloidySource>,
}

impl StudyChromosomes {
    /// The chromosomes of `source`. A note on SNPs that are not on autosomes is pushed to `notes`.
    ///
    /// * `sexes`: of all individuals of the source, if they are known
    /// * `uses_genotypes`: whether the run uses genotypes that are not on autosomes
    ///
    /// Fails if a chromosome has a number above those of the species.
    pub(super) fn new(
        source: Arc<dyn GenotypeSource>,
        model: ChromosomeModel,
        sexes: Option<&[Sex]>,
        uses_genotypes: bool,
        notes: &mut Vec<String>,
    ) -> Result<Self> {
        let unknown = || vec![Sex::Unknown; source.individuals().len()];
        let sexes = uses_genotypes.then(|| sexes.map_or_else(unknown, <[Sex]>::to_vec));
        let model = Arc::new(model);
        let snps = source.snps().cloned();
        let source = PloidySource::new(source, Arc::clone(&model), sexes.as_deref())?;
        if let Some(snps) = snps {
            let mut classes = BTreeMap::new();
            let by_name = classes_of_names(&model, &snps);
            for (snp, &chr) in snps.iter().zip(snps.chr_indices()) {
                let class = model.set.at(by_name[chr as usize], snp.ps);
                *classes.entry(class).or_default() += 1;
            }
            notes.extend(class_note(&model, &classes));
        }
        Ok(Self {
            source: Arc::new(source),
        })
    }

    /// The recoded genotypes.
    pub(super) fn source(&self) -> Arc<dyn GenotypeSource> {
        Arc::<PloidySource>::clone(&self.source)
    }

    /// The chromosomes, and the model of X.
    pub(super) fn model(&self) -> &Arc<ChromosomeModel> {
        self.source.model()
    }

    /// The ploidy of individuals of `cohort`.
    pub(super) fn ploidy(&self, cohort: &Cohort, individuals: &Subset) -> Arc<GroupPloidy> {
        let sexes = cohort.sexes.as_deref().unwrap_or_default();
        Arc::new(GroupPloidy::new(
            Arc::clone(self.model()),
            sexes,
            individuals,
        ))
    }

    /// The first of the SNPs that are covariates, or the partner of interactions, whose genotypes depend on sex, in words.
    ///
    /// Fails if one is on X and X is skipped.
    pub(super) fn first_condition<'s>(
        &self,
        mut snps: impl Iterator<Item = &'s ConditionSnp> + Clone,
    ) -> Result<Option<String>> {
        let model = self.model();
        let class = |snp: &ConditionSnp| {
            let class = model.set.class_of_name(&snp.chr);
            class.map_or(ChromosomeClass::Unplaced, |class| {
                model.set.at(class, snp.ps)
            })
        };
        let is_on_x = |snp: &&ConditionSnp| class(snp) == ChromosomeClass::X;
        if let (XModel::Skip, Some(snp)) = (model.x_model, snps.clone().find(is_on_x)) {
            return Err(Error::option(
                snp.option,
                format!("SNP {} is on X, which --x-model none skips", snp.id),
                "omit this SNP, or choose --x-model 2 or 1",
            ));
        }
        let first = snps.find(|snp| class(snp).depends_on_sex());
        Ok(first.map(|snp| format!("SNP {} of {} is {}", snp.id, snp.option, class(snp).place())))
    }

    /// Fails if SNPs to test are on X or Y and somebody has no sex; if the SNPs are not known before reading, reading fails
    /// then. A note is pushed to `notes` if SNPs on X are tested and sex is not a covariate.
    ///
    /// * `snps`: the SNPs, if they are known
    /// * `scopes`: those that are tested
    /// * `selection`: of these, the chosen ones
    pub(super) fn check_tests(
        &self,
        snps: Option<&SnpTable>,
        scopes: &[KinshipScope],
        selection: Option<&Arc<SnpSelection>>,
        cohort: &Cohort,
        notes: &mut Vec<String>,
    ) -> Result<()> {
        let who = without_sex(cohort);
        let Some(snps) = snps else {
            if let Some(who) = who {
                let selection = selection.cloned();
                self.source.require_sexes(NeedsSex { selection, who });
            }
            return Ok(());
        };
        let model = self.model();
        let classes = classes_of_names(model, snps);
        if !classes.iter().any(|class| class.depends_on_sex()) {
            return Ok(());
        }
        let is_chosen = |snp: Snp<'_>| selection.is_none_or(|these| these.check(snp).is_ok());
        let mut found: BTreeMap<ChromosomeClass, (usize, &str)> = BTreeMap::new();
        for range in scopes.iter().flat_map(KinshipScope::tested) {
            for i in range.start..range.end.min(snps.len()) {
                let class = classes[snps.chr_indices()[i] as usize];
                if !class.depends_on_sex() {
                    continue;
                }
                let snp = snps.get(i);
                let class = model.set.at(class, snp.ps);
                let is_skipped = class == ChromosomeClass::X && model.x_model == XModel::Skip;
                if class.depends_on_sex() && !is_skipped && is_chosen(snp) {
                    found.entry(class).or_insert((0, snp.rs)).0 += 1;
                }
            }
        }
        if let (Some(who), false) = (who, found.is_empty()) {
            let what: Vec<String> = (found.iter())
                .map(|(class, (n, first))| {
                    format!(
                        "{} to test {} (the first: {first})",
                        count(*n, "SNP"),
                        class.place()
                    )
                })
                .collect();
            return Err(unknown_sexes(
                &format!("there are {}", what.join(" and ")),
                &who,
            ));
        }
        if found.contains_key(&ChromosomeClass::X)
            && cohort.groups.iter().any(|group| lacks_sex(group, cohort))
        {
            notes.push("SNPs on X are tested, but sex is not among the covariates (PLINK 2 adds it for these SNPs): if the phenotype differs between the sexes, give sex as a covariate".into());
        }
        Ok(())
    }
}

/// Fails if an analysed individual has no sex.
///
/// * `what`: what depends on sex
pub(super) fn check_sexes(what: &str, cohort: &Cohort) -> Result<()> {
    match without_sex(cohort) {
        None => Ok(()),
        Some(who) => Err(unknown_sexes(what, &who)),
    }
}

/// The class of each chromosome of `snps`, outside of pseudo-autosomal positions.
fn classes_of_names(model: &ChromosomeModel, snps: &SnpTable) -> Vec<ChromosomeClass> {
    let class = |name: &str| model.set.class_of_name(name);
    let names = snps.chromosomes().iter();
    names
        .map(|name| class(name).unwrap_or(ChromosomeClass::Unplaced))
        .collect()
}

/// The analysed individuals whose sex is not known, in words; `None` if there are none.
fn without_sex(cohort: &Cohort) -> Option<String> {
    let Some(sexes) = &cohort.sexes else {
        return Some("the sex of the individuals is not given".into());
    };
    let analysed = cohort.analysed_for_any();
    let unknown: Vec<String> = (analysed.rows().iter())
        .filter(|&&row| sexes[row] == Sex::Unknown)
        .map(|&row| cohort.everybody[row].to_string())
        .collect();
    (!unknown.is_empty()).then(|| {
        format!(
            "the sex of {} of {} is not known: {}",
            unknown.len(),
            count(analysed.len(), "analysed individual"),
            named(&unknown)
        )
    })
}

/// Whether a group has both sexes, and sex is not a linear combination of its covariates.
fn lacks_sex(group: &TraitGroup, cohort: &Cohort) -> bool {
    let Some(sexes) = &cohort.sexes else {
        return false;
    };
    let rows = group.subset.rows().iter();
    let males: Vec<f64> = rows
        .map(|&row| f64::from(u8::from(sexes[row] == Sex::Male)))
        .collect();
    let total = dot(&males, &males);
    let explained: f64 = (group.design.basis.q.iter())
        .map(|q| dot(q, &males).powi(2))
        .sum();
    total - explained > UNEXPLAINED * total
}
