//! Which individuals and SNPs a command line chooses.

use super::args::Args;
use super::task::Task;
use super::traits::given_twice;
use crate::error::{Error, Result};
use crate::genotype::{ChromosomeList, bare_name};
use crate::io::sex::Sex;
use crate::pipeline::{ConditionInput, IndividualLists, Input, SexInput, SnpChoice};
use std::path::{Path, PathBuf};

/// Most digits of the number of a chromosome; longer numbers are names.
const MOST_DIGITS: usize = 9;

/// The individuals of the study.
pub(super) fn individuals(args: &Args) -> IndividualLists {
    IndividualLists {
        keep: args.keep.clone(),
        remove: args.remove.clone(),
    }
}

/// Where the sex of the individuals is stated. Fails if it is also given in memory.
pub(super) fn sexes(args: &Args, given: Option<Vec<Sex>>) -> Result<Option<SexInput>> {
    Ok(match (&args.sex_from, given) {
        (Some(_), Some(_)) => return Err(given_twice("--sex-from")),
        (Some(path), None) if path.to_str() == Some("fam") => Some(SexInput::Own),
        (Some(path), None) => Some(SexInput::Table(path.clone())),
        (None, given) => given.map(SexInput::Memory),
    })
}

/// The file with the alleles to count. Fails if the genotypes need not be dosages.
pub(super) fn effect_alleles(args: &Args) -> Result<Option<PathBuf>> {
    if args.effect_allele.is_some() && args.no_dosage_range {
        return Err(Error::option(
            "--effect-allele",
            "with --no-dosage-range, values are not copies of an allele",
            "omit one of the two options",
        ));
    }
    Ok(args.effect_allele.clone())
}

/// The SNPs that are covariates: those listed in a file, if there is one of this name, else ids separated by commas.
pub(super) fn condition(args: &Args) -> Result<Option<ConditionInput>> {
    let Some(text) = &args.condition else {
        return Ok(None);
    };
    if Path::new(text).exists() {
        return Ok(Some(Input::File(text.into())));
    }
    // A comma at the end says that even one word is an id.
    let list = text.strip_suffix(',').unwrap_or(text);
    let ids: Vec<Box<str>> = list.split(',').map(|id| id.trim().into()).collect();
    if ids.iter().any(|id| id.is_empty()) {
        return Err(Error::option(
            "--condition",
            format!("expected ids of SNPs separated by commas, found {text:?}"),
            super::options::explanation("condition"),
        ));
    }
    Ok(Some(Input::Memory(ids)))
}

/// The SNPs to test.
///
/// Fails if the run tests none, and if positions are given without a single chromosome.
pub(super) fn snps(args: &Args, task: Task) -> Result<SnpChoice> {
    let given = [
        ("--extract", args.extract.is_some()),
        ("--exclude", args.exclude.is_some()),
        ("--chr", args.chr.is_some()),
        ("--from-bp", args.from_bp.is_some()),
        ("--to-bp", args.to_bp.is_some()),
    ];
    let first = given.iter().find(|(_, is_given)| *is_given);
    if let (Some((option, _)), false) = (first, task.tests_snps()) {
        return Err(Error::option(
            *option,
            "the option chooses SNPs to test, but this run tests none",
            "the SNPs of a computed kinship are chosen with -ksnps (with gk, also -snps); -loco CHR leaves a chromosome out",
        ));
    }
    let chromosomes = args.chr.as_deref().map(chromosomes).transpose()?;
    let has_one = (chromosomes.as_ref()).is_some_and(|list| {
        let numbers = list
            .numbers
            .iter()
            .map(|range| range.end() - range.start() + 1);
        list.names.len() as u64 + numbers.sum::<u64>() == 1
    });
    for (option, position) in [("--from-bp", args.from_bp), ("--to-bp", args.to_bp)] {
        if position.is_some() && !has_one {
            return Err(Error::option(
                option,
                "positions are those of one chromosome",
                "name it with --chr; for ranges on several chromosomes, use --extract FILE",
            ));
        }
    }
    if let (Some(from), Some(to)) = (args.from_bp, args.to_bp)
        && from > to
    {
        return Err(Error::option(
            "--to-bp",
            format!("the last position, {to}, is before the first, {from}"),
            "give --from-bp below --to-bp",
        ));
    }
    let position = |given: Option<usize>| given.map(|ps| i64::try_from(ps).unwrap_or(i64::MAX));
    Ok(SnpChoice {
        extract: args.extract.clone(),
        exclude: args.exclude.clone(),
        chromosomes,
        from_bp: position(args.from_bp),
        to_bp: position(args.to_bp),
    })
}

/// The chromosomes of a list such as `1-5,X`.
fn chromosomes(text: &str) -> Result<ChromosomeList> {
    let wrong = |part: &str| {
        let what = match part {
            "" => "expected names of chromosomes separated by commas, found nothing".to_owned(),
            part => format!("{part:?} is not an ascending range of chromosomes"),
        };
        Error::option("--chr", what, super::options::explanation("chr"))
    };
    let number = |name: &str| {
        let bare = bare_name(name.trim());
        let is_number = bare.len() <= MOST_DIGITS && bare.bytes().all(|byte| byte.is_ascii_digit());
        bare.parse::<u64>().ok().filter(|_| is_number)
    };
    let mut list = ChromosomeList::default();
    for part in text.split(',').map(str::trim) {
        let range = part.split_once('-');
        let range = range.and_then(|(first, last)| Some((number(first)?, number(last)?)));
        match (range, number(part)) {
            _ if part.is_empty() => return Err(wrong(part)),
            (Some((first, last)), _) if first > last => return Err(wrong(part)),
            (Some((first, last)), _) => list.numbers.push(first..=last),
            (None, Some(number)) => list.numbers.push(number..=number),
            // A name may contain a hyphen.
            (None, None) => {
                list.names.insert(bare_name(part).into());
            }
        }
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_chromosomes_are_names_and_ranges_of_numbers() {
        let list = |text: &str| chromosomes(text).unwrap();
        let both = list("1-5, chrX,chr7,HLA-A");
        assert_eq!(both.numbers, [1..=5, 7..=7]);
        let mut names: Vec<&str> = both.names.iter().map(AsRef::as_ref).collect();
        names.sort_unstable();
        assert_eq!(names, ["HLA-A", "X"]);
        assert_eq!(list("chr1-chr3"), list("1-3"));
        assert_eq!(list("chr1-3"), list("01-3"));
        for wrong in ["", "1,,2", "5-1", ","] {
            assert!(chromosomes(wrong).is_err(), "{wrong}");
        }
    }
}
