//! Whether the genotypes of a job can be coded as its model needs them (`--model`).

use super::job::{Analysis, GenotypeInput};
use crate::assoc::several::SnpDesign;
use crate::error::{Error, Result};
use crate::genotype::{Coding, Encoding};
use crate::sources::GenotypeFiles;

/// How hard calls are obtained of such genotypes.
pub(super) fn hard_calls_hint(genotypes: &GenotypeInput) -> &'static str {
    let GenotypeInput::Files(files) = genotypes else {
        return "give whole numbers from 0 to 2 and NaN, or omit --model";
    };
    match files {
        GenotypeFiles::Vcf { .. } | GenotypeFiles::Zarr { .. } => {
            "omit --dosage, turn dosages into hard calls with --hard-call-threshold 0.1, or omit --model"
        }
        GenotypeFiles::Bgen { .. } | GenotypeFiles::Pgen { .. } => {
            "turn dosages into hard calls with --hard-call-threshold 0.1, or omit --model"
        }
        GenotypeFiles::Plink(_)
        | GenotypeFiles::PlinkUrl(_)
        | GenotypeFiles::Bimbam { .. }
        | GenotypeFiles::Numeric { .. } => {
            "give hard calls in another format, such as PLINK files (-bfile), or omit --model"
        }
    }
}

/// The number of columns by which a SNP enters the model in addition to one, except those of an environment. A note on the
/// coding is pushed to `notes`.
///
/// * `hint`: how hard calls are obtained
///
/// Fails if genotypes are coded that are not hard calls.
pub(super) fn check_coding(
    analysis: &Analysis,
    encoding: Encoding,
    hint: &str,
    notes: &mut Vec<String>,
) -> Result<usize> {
    let Analysis::Association(association) = analysis else {
        return Ok(0);
    };
    let is_genotypic = association.method.design() == SnpDesign::Genotypic;
    if !is_genotypic && association.coding == Coding::ADDITIVE {
        return Ok(0);
    }
    if encoding == Encoding::Dosage {
        return Err(Error::option(
            "--model",
            "the genotypes are dosages, which do not say how probable each genotype is; only the additive model can be fitted to them",
            hint,
        ));
    }
    notes.extend(association.coding.note());
    Ok(usize::from(is_genotypic))
}
