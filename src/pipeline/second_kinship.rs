//! The second kinship of a run (`-k2`), and its ratio to the first, which is estimated for every trait.

use super::individuals::FileIndividuals;
use super::input::Input;
use super::job::{GivenKinship, KinshipFile};
use super::relatedness::read_matrix;
use super::second_size::SecondSize;
use super::study::Study;
use crate::error::{Error, Result};
use crate::genotype::Subset;
use crate::kinship::{Inspection, Kinship, KinshipLayout, check_second_kinship, left_out_of};
use crate::output::sink::LeftOut;
use crate::progress::Observer;

/// The argument by which Python passes the matrix.
const IN_MEMORY: &str = "kinship2";

/// The note on a second kinship in a run that leaves chromosomes out of the first.
const NOTE_ON_LOCO: &str = "-loco leaves nothing out of the second kinship (-k2): if it was computed from genotypes, SNPs are tested against a kinship that contains their own chromosome";

/// The second kinship of all analysed individuals.
pub(super) struct SecondKinship {
    kinship: Kinship,
    /// Its individuals: those that are analysed for any trait.
    subset: Subset,
    /// Its name in messages.
    pub(super) name: String,
}

impl SecondKinship {
    /// Reads `input` for the individuals of `study`. What is found in it is added to `found`.
    ///
    /// * `individuals`: those of the genotype files, whose order a matrix without ids has
    ///
    /// Fails as the first kinship does, or if its ids say that a chromosome is left out of it that the run does not leave out.
    pub(super) fn read(
        input: Input<KinshipFile, GivenKinship>,
        study: &Study,
        individuals: &FileIndividuals,
        observer: &dyn Observer,
        found: &mut Inspection,
    ) -> Result<Self> {
        let left_out = study.left_out();
        let is_without = match &input {
            Input::File(file) => check_left_out(file, &left_out)?,
            Input::Memory(_) => false,
        };
        let subset = study.cohort.analysed_for_any();
        let in_files = individuals.rows_of(&subset);
        let (kinship, name) =
            read_matrix(input, IN_MEMORY, individuals, &in_files, observer, found)?;
        found.notes.extend(check_second_kinship(&kinship, &name)?);
        if left_out != LeftOut::None && !is_without {
            found.notes.push(NOTE_ON_LOCO.to_owned());
        }
        Ok(Self {
            kinship,
            subset,
            name,
        })
    }

    /// The kinship of `individuals`, all of which are analysed for some trait.
    pub(super) fn of(&self, individuals: &Subset) -> Result<Kinship> {
        let place = |&row: &usize| self.subset.rows().partition_point(|&other| other < row);
        let places: Vec<usize> = individuals.rows().iter().map(place).collect();
        self.kinship.subset(&places)
    }

    /// As [`of`](Self::of), in the same memory if these are all individuals.
    pub(super) fn into_kinship_of(self, individuals: &Subset) -> Result<Kinship> {
        if individuals.rows() == self.subset.rows() {
            return Ok(self.kinship);
        }
        self.of(individuals)
    }
}

/// The size of the second kinship of a study, if there is one.
pub(super) fn second_size(is_given: bool, study: &Study) -> SecondSize {
    if !is_given {
        return SecondSize::default();
    }
    SecondSize {
        individuals: study.cohort.analysed_for_any().len() as u64,
        is_kept: study.cohort.groups.len() * study.scopes.len() > 1,
    }
}

/// Fails if the ids next to the second kinship say that another chromosome is left out of it than the run leaves out; returns
/// whether they say that it is this one.
///
/// A matrix out of which nothing is left may be one of households, so that it is accepted.
fn check_left_out(file: &KinshipFile, left_out: &LeftOut) -> Result<bool> {
    if file.layout != KinshipLayout::Square {
        return Ok(false);
    }
    let Some(Some(known)) = left_out_of(&file.path)? else {
        return Ok(false);
    };
    let what = match left_out {
        LeftOut::One(asked) if *asked == known => return Ok(true),
        LeftOut::One(asked) => format!("not {asked}"),
        LeftOut::Every(_) => "but the run leaves out every chromosome in turn".to_owned(),
        LeftOut::None => "but all SNPs would be tested".to_owned(),
    };
    Err(Error::inconsistent(
        format!(
            "{}: chromosome {known} is left out of this second kinship, {what}",
            file.path.display()
        ),
        format!(
            "test the SNPs of that chromosome with -loco {known}, or give another matrix with -k2"
        ),
    ))
}
