//! The options of a job by their names on the command line, as they were resolved.

use super::genotypes::genotypes;
use super::kinship::{kinship, loco, second_kinship};
use super::method;
use super::values::{Options, file, list, optional_path, path};
use crate::cohort::Scaling;
use crate::genotype::ParRanges;
use crate::output::files::OutputFiles;
use crate::output::json::Json;
use crate::output::matrix::MatrixFormat;
use crate::output::text::Packing;
use crate::pipeline::filter_options::FilterOptions;
use crate::pipeline::individuals::{IndividualLists, SexInput};
use crate::pipeline::input::Input;
use crate::pipeline::job::{Analysis, Job, Machine};
use crate::pipeline::selection::{
    Columns, CovariateColumns, PhenotypeColumns, Replicates, SnpChoice, TraitFile, Traits,
    ValueInput,
};

/// Bytes of a unit of `--memory`.
const GIGABYTE: f64 = 1e9;

/// The options of `job`; null if an option is off or does not apply, false for a flag.
pub(crate) fn options(job: &Job) -> Options {
    // Without `..`: a new field must be recorded.
    let Job {
        analysis,
        genotypes: input,
        individuals,
        sexes,
        chromosomes,
        effect_alleles,
        traits: chosen_traits,
        covariates: chosen_covariates,
        environment: _,
        second_kinship: _,
        weights: _,
        replicates,
        missing_codes,
        filter,
        loco: left_out,
        eigen_cache,
        permutations,
        condition: _,
        stepwise,
        odds,
        effective_tests,
        files,
        machine: resources,
        command: _,
        notes: _,
    } = job;
    let mut all: Options = vec![("analysis", name_of(analysis).into())];
    all.extend(genotypes(input));
    all.extend(of_individuals(individuals, sexes.as_ref()));
    let set = chromosomes.as_ref();
    all.extend([
        ("chr-set", set.map(|of| of.set.name()).into()),
        (
            "x-model",
            set.filter(|of| of.set.has_sexes())
                .map(|of| of.x_model.name())
                .into(),
        ),
        (
            "par",
            set.map(|of| of.set.par())
                .filter(|par| !par.ranges.is_empty())
                .map(|ParRanges { name, .. }| name)
                .into(),
        ),
        ("effect-allele", optional_path(effect_alleles.as_ref())),
    ]);
    all.extend(traits(chosen_traits));
    all.extend(covariates(chosen_covariates.as_ref()));
    all.extend([
        ("missing-code", list(missing_codes.codes())),
        (
            "replicates",
            replicates
                .map(|how| match how {
                    Replicates::Mean => "mean",
                    Replicates::Weighted => "weighted",
                })
                .into(),
        ),
    ]);
    all.extend(values_of_individuals(job));
    all.extend(kinship(analysis));
    all.extend(second_kinship(job));
    all.extend(loco(left_out.as_ref()));
    all.extend(method::options(analysis));
    all.extend([
        ("condition", condition(job)),
        ("stepwise", stepwise.map(|of| of.threshold).into()),
        ("stepwise-max", stepwise.map(|of| of.max_steps).into()),
        ("odds", (*odds).into()),
        ("effective-tests", (*effective_tests).into()),
        ("permutations", permutations.map(|of| of.count).into()),
        ("seed", permutations.map(|of| of.seed).into()),
    ]);
    all.extend(filters(filter));
    all.extend(outputs(files.as_ref()));
    all.push(("eigen-cache", optional_path(eigen_cache.as_ref())));
    all.extend(machine(*resources));
    all
}

fn name_of(analysis: &Analysis) -> &'static str {
    match analysis {
        Analysis::Kinship(_) => "gk",
        Analysis::Eigen(_) => "eigen",
        Analysis::Residuals { .. } => "lmm 5",
        Analysis::Association(association) if association.kinship.is_none() => "lm",
        Analysis::Association(_) => "lmm",
    }
}

fn of_individuals(lists: &IndividualLists, sexes: Option<&SexInput>) -> Options {
    let IndividualLists { keep, remove } = lists;
    let sex_from = match sexes {
        Some(SexInput::Own) => "fam".into(),
        Some(SexInput::Table(table)) => path(table),
        Some(SexInput::Memory(_)) | None => Json::Null,
    };
    vec![
        ("keep", optional_path(keep.as_ref())),
        ("remove", optional_path(remove.as_ref())),
        ("sex-from", sex_from),
    ]
}

/// A file without a header, and one with ids.
fn trait_file(of: Option<&TraitFile>) -> [Json; 2] {
    match of {
        Some(TraitFile::Positional(file)) => [path(file), Json::Null],
        Some(TraitFile::WithIds(file)) => [Json::Null, path(file)],
        None => [Json::Null, Json::Null],
    }
}

fn traits(of: &Traits) -> Options {
    let Traits {
        phenotypes,
        are_several,
        fail_fast,
        transform,
    } = of;
    let (chosen, columns) = match phenotypes {
        Input::File(PhenotypeColumns { file, columns }) => (file.as_ref(), Some(columns)),
        Input::Memory(_) => (None, None),
    };
    let [p, pheno] = trait_file(chosen);
    let is_named = matches!(chosen, Some(TraitFile::WithIds(_)));
    let [n, traits, names] = match columns {
        None => [Json::Null, Json::Null, Json::Null],
        Some(Columns::Named(names)) => [Json::Null, Json::Null, Json::list(names)],
        Some(Columns::All) => [Json::Null, "all".into(), Json::Null],
        Some(Columns::Listed(numbers)) => {
            let numbers = Json::list(numbers.iter().copied());
            if *are_several {
                [Json::Null, numbers, Json::Null]
            } else {
                [numbers, Json::Null, Json::Null]
            }
        }
        // Of a table with ids, the first column that has no other purpose.
        Some(Columns::First) if is_named => [Json::Null, Json::Null, Json::Null],
        Some(Columns::First) => [Json::list([1_usize]), Json::Null, Json::Null],
    };
    vec![
        ("p", p),
        ("n", n),
        ("traits", traits),
        ("pheno", pheno),
        ("pheno-name", names),
        ("rint", transform.ranks.into()),
        ("standardize", transform.standardizes.into()),
        ("fail-fast", (*fail_fast).into()),
    ]
}

fn covariates<M>(of: Option<&Input<CovariateColumns, M>>) -> Options {
    let chosen = match of {
        Some(Input::File(chosen)) => Some(chosen),
        Some(Input::Memory(_)) | None => None,
    };
    let [c, covar] = trait_file(chosen.map(|of| &of.file));
    let names = chosen.and_then(|of| of.names.as_ref());
    let categories = chosen.map(|of| of.categories.as_slice());
    vec![
        ("c", c),
        ("covar", covar),
        ("covar-name", names.map(Json::list).into()),
        ("cat-covar", list(categories.unwrap_or_default())),
    ]
}

/// The environment and the weights.
fn values_of_individuals(job: &Job) -> Options {
    let of = |input: Option<&ValueInput>| match input {
        Some(ValueInput::File(file)) => [path(file), Json::Null, Json::Null],
        Some(ValueInput::Column(name)) => [Json::Null, name.into(), Json::Null],
        Some(ValueInput::Snp(id)) => [Json::Null, Json::Null, id.to_string().into()],
        Some(ValueInput::Memory(_)) | None => [Json::Null, Json::Null, Json::Null],
    };
    let [gxe_file, gxe, interaction] = of(job.environment.as_ref());
    let weights = job.weights.as_ref();
    let [widv, name, _] = of(weights.map(|of| &of.values));
    let is_of_gemma = weights.is_some_and(|of| of.scaling == Scaling::Gemma);
    vec![
        ("gxe", gxe),
        ("gxe-file", gxe_file),
        ("interaction", interaction),
        ("widv", widv),
        ("weights", name),
        ("gemma-widv", is_of_gemma.into()),
    ]
}

fn condition(job: &Job) -> Json {
    match &job.condition {
        None => Json::Null,
        Some(Input::File(file)) => path(file),
        Some(Input::Memory(ids)) => Json::list(ids.iter().map(ToString::to_string)),
    }
}

fn filters(of: &FilterOptions) -> Options {
    let FilterOptions {
        max_missing,
        min_maf,
        min_hwe,
        min_info,
        max_r2,
        is_r2_centred,
        snps,
        choice,
    } = of;
    let SnpChoice {
        extract,
        exclude,
        chromosomes,
        from_bp,
        to_bp,
    } = choice;
    let position = |ps: &Option<i64>| ps.map_or(Json::Null, Json::Integer);
    vec![
        ("miss", (*max_missing).into()),
        ("maf", (*min_maf).into()),
        ("hwe", (*min_hwe).into()),
        ("r2", (*max_r2).into()),
        ("r2-centred", (*is_r2_centred).into()),
        ("notsnp", min_maf.is_none().into()),
        ("info", (*min_info).into()),
        ("snps", file(snps.as_ref())),
        ("extract", optional_path(extract.as_ref())),
        ("exclude", optional_path(exclude.as_ref())),
        ("chr", chromosomes.as_ref().map(ToString::to_string).into()),
        ("from-bp", position(from_bp)),
        ("to-bp", position(to_bp)),
    ]
}

/// * `of`: `None` if the run writes no files
fn outputs(of: Option<&OutputFiles>) -> Options {
    const NAMES: [&str; 8] = [
        "o",
        "outdir",
        "format",
        "gz",
        "output-format",
        "columns",
        "long",
        "report",
    ];
    let Some(OutputFiles {
        directory,
        prefix,
        matrices,
        tables,
        is_long,
        formats,
        columns,
        has_report,
    }) = of
    else {
        return NAMES.into_iter().zip([const { Json::Null }; 8]).collect();
    };
    let is_packed = *matrices == MatrixFormat::Gzip || *tables == Packing::Gzip;
    let matrices = match matrices {
        MatrixFormat::Npy => "npy",
        MatrixFormat::Text | MatrixFormat::Gzip => "txt",
    };
    let values = [
        prefix.into(),
        path(directory),
        matrices.into(),
        is_packed.into(),
        Json::list(formats.iter().map(|format| format.name())),
        columns.name().into(),
        (*is_long).into(),
        (*has_report).into(),
    ];
    NAMES.into_iter().zip(values).collect()
}

fn machine(of: Machine) -> Options {
    let Machine {
        threads,
        block_snps,
        memory,
    } = of;
    let gigabytes = memory.map(|bytes| bytes as f64 / GIGABYTE);
    vec![
        ("threads", threads.into()),
        ("block-snps", block_snps.into()),
        ("memory", gigabytes.into()),
    ]
}
