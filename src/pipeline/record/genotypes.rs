//! The options of genotypes.

use super::values::{Options, optional_path, path};
use crate::output::json::Json;
use crate::pipeline::job::GenotypeInput;
use crate::sources::{BgenReference, GenotypeFiles, HardCalls, NumericValues, VcfField};
use std::path::Path;

/// The values of the options of genotypes.
#[derive(Default)]
struct Given<'a> {
    files: [Option<&'a Path>; 6],
    annotation: Json,
    sample: Json,
    reference: Option<BgenReference>,
    dosage: Option<VcfField>,
    snp_map: Json,
    values: Option<NumericValues>,
    hard_calls: Option<HardCalls>,
}

/// The options that have a file of genotypes, in the order of [`Given::files`], after `bfile`.
const FILES: [&str; 6] = ["g", "bgen", "pfile", "vcf", "numeric", "zarr"];

/// The options of `input`.
pub(super) fn genotypes(input: &GenotypeInput) -> Options {
    let mut bfile = Json::Null;
    let mut given = Given::default();
    if let GenotypeInput::Files(files) = input {
        match files {
            GenotypeFiles::Plink(prefix) => bfile = path(prefix),
            GenotypeFiles::PlinkUrl(url) => bfile = path(Path::new(&url.to_string())),
            files => given = of_files(files),
        }
    }
    let mut all: Options = vec![("bfile", bfile)];
    let files = FILES.into_iter().zip(given.files);
    all.extend(files.map(|(name, file)| (name, file.map(path).into())));
    let ploidy = match given.values {
        Some(NumericValues::Dosages { ploidy }) => Json::from(ploidy as usize),
        Some(NumericValues::Any) | None => Json::Null,
    };
    all.extend([
        ("a", given.annotation),
        ("sample", given.sample),
        (
            "bgen-ref",
            (given.reference)
                .map(|which| match which {
                    BgenReference::First => "first",
                    BgenReference::Last => "last",
                })
                .into(),
        ),
        (
            "dosage",
            (given.dosage)
                .map(|field| match field {
                    VcfField::Ds => "DS",
                    VcfField::Gp => "GP",
                })
                .into(),
        ),
        ("snp-map", given.snp_map),
        ("ploidy", ploidy),
        (
            "no-dosage-range",
            (given.values == Some(NumericValues::Any)).into(),
        ),
        (
            "hard-call-threshold",
            given
                .hard_calls
                .map(|HardCalls(threshold)| threshold)
                .into(),
        ),
    ]);
    all
}

fn of_files(files: &GenotypeFiles) -> Given<'_> {
    let mut given = Given::default();
    match files {
        GenotypeFiles::Plink(_) | GenotypeFiles::PlinkUrl(_) => {}
        GenotypeFiles::Bimbam {
            genotypes,
            annotation,
        } => {
            given.files[0] = Some(genotypes);
            given.annotation = optional_path(annotation.as_ref());
        }
        GenotypeFiles::Bgen {
            bgen,
            sample,
            reference,
            hard_calls,
        } => {
            given.files[1] = Some(bgen);
            given.sample = optional_path(sample.as_ref());
            given.reference = Some(*reference);
            given.hard_calls = *hard_calls;
        }
        GenotypeFiles::Pgen { prefix, hard_calls } => {
            given.files[2] = Some(prefix);
            given.hard_calls = *hard_calls;
        }
        GenotypeFiles::Vcf {
            vcf,
            dosages,
            hard_calls,
        } => {
            given.files[3] = Some(vcf);
            (given.dosage, given.hard_calls) = (*dosages, *hard_calls);
        }
        GenotypeFiles::Numeric {
            matrix,
            snp_map,
            values,
        } => {
            given.files[4] = Some(matrix);
            given.snp_map = optional_path(snp_map.as_ref());
            given.values = Some(*values);
        }
        GenotypeFiles::Zarr {
            store,
            dosages,
            hard_calls,
        } => {
            given.files[5] = Some(store);
            (given.dosage, given.hard_calls) = (*dosages, *hard_calls);
        }
    }
    given
}
