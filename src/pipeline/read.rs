//! Reads the inputs of a job except its kinship.

use super::coding::{check_coding, hard_calls_hint};
use super::condition::{read_conditions, read_partner};
use super::individuals::{FileIndividuals, SexInput};
use super::input::Input;
use super::job::{Analysis, GenotypeInput, GivenKinship, Job, KinshipFile};
use super::relatedness::{check_ids, check_ids_of_matrix};
use super::selection::ValueInput;
use super::sex_chromosomes::{StudyChromosomes, check_sexes};
use super::stepwise::Stepwise;
use super::study::Study;
use super::traits::{ReadTraits, TraitInputs};
use crate::cohort::{Cohort, ConditionSnp, FailedTrait, Trait};
use crate::error::{Error, Result};
use crate::genotype::SnpSelection;
use crate::io::effect_alleles::read_effect_alleles;
use crate::io::sex::Sex;
use crate::sources::{EffectAlleleSource, GenotypeSource, OwnTraits};
use std::path::PathBuf;
use std::sync::Arc;

/// The inputs of a job except its kinship.
pub(super) struct ReadStudy {
    pub(super) analysis: Analysis,
    /// The second kinship, which is not read yet.
    pub(super) second_kinship: Option<Input<KinshipFile, GivenKinship>>,
    pub(super) study: Study,
    /// The individuals of the genotype files.
    pub(super) individuals: FileIndividuals,
    /// Which allele is counted.
    pub(super) counted_allele: String,
    /// The traits that cannot be analysed.
    pub(super) failed: Vec<FailedTrait>,
    /// Whether the run is one of several traits.
    pub(super) are_several: bool,
    /// Ids of the SNPs that are covariates.
    pub(super) conditioned_on: Vec<String>,
    /// The forward selection of SNPs, if there is one.
    pub(super) stepwise: Option<Stepwise>,
    /// Notes for the user.
    pub(super) notes: Vec<String>,
}

/// Open genotypes.
struct Genotypes {
    source: Arc<dyn GenotypeSource>,
    own: OwnTraits,
    own_sexes: Option<(PathBuf, Vec<Sex>)>,
    /// Which allele is counted.
    counted_allele: String,
}

/// Opens the genotypes. Notes are pushed to `notes`.
///
/// * `needed`: the chromosomes and positions of the SNPs that the run needs, if it does not need all
fn open(
    input: GenotypeInput,
    needed: Option<&SnpSelection>,
    notes: &mut Vec<String>,
) -> Result<Genotypes> {
    let files = match input {
        GenotypeInput::Source(source) => {
            return Ok(Genotypes {
                source,
                own: OwnTraits::None,
                own_sexes: None,
                counted_allele: "allele1 of the genotypes in memory".into(),
            });
        }
        GenotypeInput::Files(files) => files,
    };
    let open = files.open_for(needed)?;
    notes.extend(open.notes);
    Ok(Genotypes {
        source: open.source,
        own: open.own_traits,
        own_sexes: open.own_sexes,
        counted_allele: files.counted_allele(),
    })
}

/// Opens the genotypes and joins the traits with their individuals.
pub(super) fn read_study(job: Job) -> Result<ReadStudy> {
    let needed = job.needed_snps();
    let (mut notes, mut filter) = (job.notes, job.filter);
    if let GenotypeInput::Files(files) = &job.genotypes
        && !files.are_dosages()
    {
        (filter.min_maf, filter.min_hwe) = (None, 0.0);
    }
    let hint = hard_calls_hint(&job.genotypes);
    let Genotypes {
        source,
        own,
        own_sexes,
        mut counted_allele,
    } = open(job.genotypes, needed.as_ref(), &mut notes)?;
    let has_ids = source.has_ids();
    check_ids(job.analysis.kinship(), has_ids)?;
    if let Some(Input::File(file)) = &job.second_kinship {
        check_ids_of_matrix(file, "-km2", has_ids)?;
    }
    let source = with_effect_alleles(source, job.effect_alleles, &mut counted_allele, &mut notes)?;
    let (individuals, source) = FileIndividuals::choose(source, &job.individuals, &mut notes)?;
    let needs_sexes = job.chromosomes.is_some();
    let sexes = read_sexes(job.sexes, needs_sexes, own_sexes, &individuals, &mut notes)?;
    let uses_genotypes =
        job.condition.is_some() || matches!(job.analysis, Analysis::Association(_));
    let chromosomes = job.chromosomes.map(|model| {
        let (source, sexes) = (Arc::clone(&source), sexes.as_deref());
        StudyChromosomes::new(source, model, sexes, uses_genotypes, &mut notes)
    });
    let chromosomes = chromosomes.transpose()?;
    let source = chromosomes
        .as_ref()
        .map_or(source, StudyChromosomes::source);
    let conditions = job
        .condition
        .map(|input| read_conditions(&input, &*source, &mut notes));
    let conditions = conditions.transpose()?.unwrap_or_default();
    let conditioned_on = conditions.iter().map(|snp| snp.id.clone()).collect();
    let (environment, partner) = match job.environment {
        Some(ValueInput::Snp(id)) => (None, Some(read_partner(&id, &*source)?)),
        environment => (environment, None),
    };
    notes.extend(partner.as_ref().map(note_on_partner));
    let further_columns = check_coding(&job.analysis, source.encoding(), hint, &mut notes)?;
    let of_sex = chromosomes.as_ref();
    let of_sex = of_sex.map(|these| these.first_condition(conditions.iter().chain(&partner)));
    let of_sex = of_sex.transpose()?.flatten();
    let inputs = TraitInputs {
        conditions,
        traits: job.traits,
        covariates: job.covariates,
        environment,
        partner,
        further_columns,
        weights: job.weights,
        replicates: job.replicates,
        has_own_kinships: job.second_kinship.is_some(),
        missing_codes: job.missing_codes,
        own,
    };
    let ReadTraits {
        mut cohort,
        covariates,
        failed,
        are_several,
    } = inputs.read(&job.analysis, &individuals, &mut notes)?;
    let stepwise = job
        .stepwise
        .map(|options| Stepwise::new(options, covariates, are_several));
    cohort.sexes = sexes;
    if let Some(condition) = of_sex {
        check_sexes(&condition, &cohort)?;
    }
    check_binary(&cohort, job.odds)?;
    if matches!(job.analysis, Analysis::Association(_)) {
        notes.extend(binary_notes(
            &cohort,
            filter.min_maf.unwrap_or(0.0),
            are_several,
        ));
    }
    let analysis = of_cohort(job.analysis, &cohort);
    let (loco, chromosomes) = (job.loco.as_ref(), chromosomes.as_ref());
    let chosen = (&filter, &analysis, loco, chromosomes);
    let study = Study::new(source, cohort, chosen, &mut notes)?;
    Ok(ReadStudy {
        analysis,
        second_kinship: job.second_kinship,
        study,
        individuals,
        counted_allele,
        failed,
        are_several,
        conditioned_on,
        stepwise: stepwise.transpose()?,
        notes,
    })
}

/// The source in which the alleles listed in the file `path` are counted (`--effect-allele`).
fn with_effect_alleles(
    source: Arc<dyn GenotypeSource>,
    path: Option<PathBuf>,
    counted_allele: &mut String,
    notes: &mut Vec<String>,
) -> Result<Arc<dyn GenotypeSource>> {
    let Some(path) = path else {
        return Ok(source);
    };
    let alleles = read_effect_alleles(&path)?;
    *counted_allele = format!("that of {}, else {counted_allele}", path.display());
    let source = EffectAlleleSource::new(source, alleles, &path, notes)?;
    Ok(Arc::new(source))
}

/// The analysis with the method for the groups of `cohort`.
fn of_cohort(mut analysis: Analysis, cohort: &Cohort) -> Analysis {
    if let Analysis::Association(association) = &mut analysis
        && let Some(method) = association.method.of_cohort(cohort)
    {
        association.method = method;
    }
    analysis
}

fn note_on_partner(partner: &ConditionSnp) -> String {
    let id = &partner.id;
    format!(
        "--interaction: the environment is the number of copies of allele1 of SNP {id}; SNPs whose genotypes are a linear combination of its genotypes, such as {id} itself, have nan (collinear)"
    )
}

/// The sexes of the individuals of the study, if they are known. Notes are pushed to `notes`.
///
/// * `needs_sexes`: whether the sexes that come with the genotypes, `own`, are read although no input is given
fn read_sexes(
    input: Option<SexInput>,
    needs_sexes: bool,
    own: Option<(PathBuf, Vec<Sex>)>,
    individuals: &FileIndividuals,
    notes: &mut Vec<String>,
) -> Result<Option<Vec<Sex>>> {
    let (input, label) = match input {
        None if needs_sexes && own.is_some() => {
            (Some(SexInput::Own), "sex of the individuals, from")
        }
        input => (input, "--sex-from"),
    };
    let sexes = input.map(|input| input.read(own, individuals, label, notes));
    sexes.transpose()
}

/// The traits of a cohort in their order.
fn traits(cohort: &Cohort) -> Vec<&Trait> {
    let mut all: Vec<&Trait> = cohort.groups.iter().flat_map(|one| &one.traits).collect();
    all.sort_by_key(|one| one.number);
    all
}

/// Fails if odds ratios are asked for and a trait is not binary, which it names.
fn check_binary(cohort: &Cohort, has_odds: bool) -> Result<()> {
    let traits = traits(cohort);
    let number = traits.iter().find(|one| one.binary.is_none());
    match number {
        Some(one) if has_odds => Err(Error::option(
            "--odds",
            format!(
                "phenotype {} is not binary: its values are not 0 and 1, or 1 and 2, among the analysed individuals",
                one.name
            ),
            "omit the option, or code controls as 0 and cases as 1 (or 1 and 2)",
        )),
        _ => Ok(()),
    }
}

/// Notes on binary traits whose p-values may be unreliable.
fn binary_notes(cohort: &Cohort, min_maf: f64, are_several: bool) -> Vec<String> {
    let note = |one: &Trait| {
        let what = if are_several {
            format!("phenotype {}", one.name)
        } else {
            "the phenotype".to_owned()
        };
        one.binary?.note(&what, min_maf)
    };
    traits(cohort).into_iter().filter_map(note).collect()
}
