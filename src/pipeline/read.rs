//! Reads the inputs of a job except its kinship.

use super::individuals::FileIndividuals;
use super::job::{Analysis, GenotypeInput, Job};
use super::study::Study;
use super::traits::{ReadTraits, TraitInputs};
use crate::cohort::FailedTrait;
use crate::error::Result;
use crate::io::effect_alleles::read_effect_alleles;
use crate::sources::{EffectAlleleSource, GenotypeSource, OwnTraits};
use std::sync::Arc;

/// The inputs of a job except its kinship.
pub(super) struct ReadStudy {
    pub(super) analysis: Analysis,
    pub(super) study: Study,
    /// The individuals of the genotype files.
    pub(super) individuals: FileIndividuals,
    /// Which allele is counted.
    pub(super) counted_allele: String,
    /// The traits that cannot be analysed.
    pub(super) failed: Vec<FailedTrait>,
    /// Whether the run is one of several traits.
    pub(super) are_several: bool,
    /// Notes for the user.
    pub(super) notes: Vec<String>,
}

/// Open genotypes.
struct Genotypes {
    source: Arc<dyn GenotypeSource>,
    own: OwnTraits,
    /// Which allele is counted.
    counted_allele: String,
}

/// Opens the genotypes. Notes are pushed to `notes`.
fn open(input: GenotypeInput, notes: &mut Vec<String>) -> Result<Genotypes> {
    let files = match input {
        GenotypeInput::Source(source) => {
            return Ok(Genotypes {
                source,
                own: OwnTraits::None,
                counted_allele: "allele1 of the genotypes in memory".into(),
            });
        }
        GenotypeInput::Files(files) => files,
    };
    let open = files.open()?;
    notes.extend(open.notes);
    Ok(Genotypes {
        source: open.source,
        own: open.own_traits,
        counted_allele: files.counted_allele(),
    })
}

/// Opens the genotypes and joins the traits with their individuals.
pub(super) fn read_study(job: Job) -> Result<ReadStudy> {
    let (mut notes, mut filter) = (job.notes, job.filter);
    if let GenotypeInput::Files(files) = &job.genotypes
        && !files.are_dosages()
    {
        (filter.min_maf, filter.min_hwe) = (None, 0.0);
    }
    let Genotypes {
        source,
        own,
        mut counted_allele,
    } = open(job.genotypes, &mut notes)?;
    job.analysis.check_ids(source.has_ids())?;
    let source = match job.effect_alleles {
        None => source,
        Some(path) => {
            let alleles = read_effect_alleles(&path)?;
            counted_allele = format!("that of {}, else {counted_allele}", path.display());
            Arc::new(EffectAlleleSource::new(source, alleles, &path, &mut notes)?)
        }
    };
    let (individuals, source) = FileIndividuals::choose(source, &job.individuals, &mut notes)?;
    let sexes = job
        .sexes
        .map(|sexes| sexes.read(&own, &individuals, &mut notes));
    let sexes = sexes.transpose()?;
    let inputs = TraitInputs {
        traits: job.traits,
        covariates: job.covariates,
        environment: job.environment,
        weights: job.weights,
        replicates: job.replicates,
        missing_codes: job.missing_codes,
        own,
    };
    let ReadTraits {
        mut cohort,
        failed,
        are_several,
    } = inputs.read(&job.analysis, &individuals, &mut notes)?;
    cohort.sexes = sexes;
    let mut analysis = job.analysis;
    if let Analysis::Association(association) = &mut analysis
        && let Some(method) = association.method.of_cohort(&cohort)
    {
        association.method = method;
    }
    let loco = job.loco.as_ref();
    let study = Study::new(source, cohort, &filter, &analysis, loco, &mut notes)?;
    Ok(ReadStudy {
        analysis,
        study,
        individuals,
        counted_allele,
        failed,
        are_several,
        notes,
    })
}
