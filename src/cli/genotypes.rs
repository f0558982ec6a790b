//! Which genotypes a command line names.

use super::args::Args;
use crate::error::{Error, Result};
use crate::pipeline::GenotypeInput;
use crate::sources::{GenotypeFiles, GenotypeSource, HardCalls, NumericValues};
use std::sync::Arc;

/// The files of genotypes, or the source in memory.
///
/// Fails if there are none or several, or if an option belongs to another format.
pub(super) fn genotypes(
    args: &Args,
    source: Option<Arc<dyn GenotypeSource>>,
) -> Result<GenotypeInput> {
    let first = given(args)?;
    match (first, source) {
        (Some((_, files)), None) => Ok(GenotypeInput::Files(files)),
        (None, Some(source)) => Ok(GenotypeInput::Source(source)),
        (None, None) => Err(Error::option(
            "-bfile",
            "no genotypes are given",
            "give the prefix of PLINK files, -bfile PREFIX, or one of --pfile, --bgen, --vcf, -g, --numeric, --zarr",
        )),
        (Some((option, _)), Some(_)) => Err(Error::option(
            option,
            "genotypes are also given in memory",
            "give only one of them",
        )),
    }
}

/// The files of genotypes with their option, if there are any.
///
/// Fails if there are several, or if an option belongs to another format.
fn given(args: &Args) -> Result<Option<(&'static str, GenotypeFiles)>> {
    let mut given = files(args)?;
    if let [(one, _), (other, _), ..] = given.as_slice() {
        return Err(Error::option(
            *other,
            format!("genotypes are also given with {one}"),
            "give only one of them",
        ));
    }
    let first = given.pop();
    reject_options_of_others(args, first.as_ref().map(|(option, _)| *option))?;
    Ok(first)
}

/// The files of genotypes, if there are any.
///
/// Fails if there are several, or if an option belongs to another format.
pub(crate) fn optional_genotype_files(args: &Args) -> Result<Option<GenotypeFiles>> {
    Ok(given(args)?.map(|(_, files)| files))
}

/// The files of genotypes.
///
/// Fails if there are none or several, or if an option belongs to another format.
#[cfg(feature = "python")]
pub(crate) fn genotype_files(args: &Args) -> Result<GenotypeFiles> {
    match genotypes(args, None)? {
        GenotypeInput::Files(files) => Ok(files),
        GenotypeInput::Source(_) => panic!("no source was given"),
    }
}

/// Each format that is given, with its option. Fails if -bfile is a URL that cannot be read.
fn files(args: &Args) -> Result<Vec<(&'static str, GenotypeFiles)>> {
    let plink = args
        .bfile
        .as_deref()
        .map(GenotypeFiles::plink)
        .transpose()?;
    let hard_calls = args.hard_call_threshold.map(HardCalls);
    let values = if args.no_dosage_range {
        NumericValues::Any
    } else {
        NumericValues::Dosages {
            ploidy: args.ploidy.unwrap_or(2) as u32,
        }
    };
    let given = [
        ("-bfile", plink),
        (
            "-g",
            args.bimbam.clone().map(|genotypes| GenotypeFiles::Bimbam {
                genotypes,
                annotation: args.annotation.clone(),
            }),
        ),
        (
            "--bgen",
            args.bgen.clone().map(|bgen| GenotypeFiles::Bgen {
                bgen,
                sample: args.sample.clone(),
                reference: args.bgen_ref.unwrap_or_default(),
                hard_calls,
            }),
        ),
        (
            "--pfile",
            args.pfile
                .clone()
                .map(|prefix| GenotypeFiles::Pgen { prefix, hard_calls }),
        ),
        (
            "--vcf",
            args.vcf.clone().map(|vcf| GenotypeFiles::Vcf {
                vcf,
                dosages: args.dosage,
                hard_calls,
            }),
        ),
        (
            "--numeric",
            args.numeric.clone().map(|matrix| GenotypeFiles::Numeric {
                matrix,
                snp_map: args.snp_map.clone(),
                values,
            }),
        ),
        (
            "--zarr",
            args.zarr.clone().map(|store| GenotypeFiles::Zarr {
                store,
                dosages: args.dosage,
                hard_calls,
            }),
        ),
    ];
    let given = given.into_iter();
    Ok(given
        .filter_map(|(option, files)| Some((option, files?)))
        .collect())
}

/// Fails if an option is given that belongs to another format than that of `given`.
fn reject_options_of_others(args: &Args, given: Option<&str>) -> Result<()> {
    let dosages: &[&str] = &["--bgen", "--pfile", "--vcf", "--zarr"];
    let options: [(&str, bool, &[&str]); 8] = [
        ("-a", args.annotation.is_some(), &["-g"]),
        ("--sample", args.sample.is_some(), &["--bgen"]),
        ("--bgen-ref", args.bgen_ref.is_some(), &["--bgen"]),
        ("--dosage", args.dosage.is_some(), &["--vcf", "--zarr"]),
        ("--snp-map", args.snp_map.is_some(), &["--numeric"]),
        ("--ploidy", args.ploidy.is_some(), &["--numeric"]),
        ("--no-dosage-range", args.no_dosage_range, &["--numeric"]),
        (
            "--hard-call-threshold",
            args.hard_call_threshold.is_some(),
            dosages,
        ),
    ];
    for (option, is_given, formats) in options {
        if is_given && !given.is_some_and(|given| formats.contains(&given)) {
            return Err(Error::option(
                option,
                format!("the option belongs to {}", formats.join(", ")),
                "omit the option",
            ));
        }
    }
    if args.no_dosage_range && args.ploidy.is_some() {
        return Err(Error::option(
            "--ploidy",
            "with --no-dosage-range, values are not dosages",
            "omit one of the two options",
        ));
    }
    Ok(())
}
