//! The chromosomes of a species on the command line: `--chr-set`, `--x-model` and `--par`.

use super::args::Args;
use super::options::explanation;
use super::task::Task;
use crate::error::{Error, Result};
use crate::genotype::{ChromosomeModel, ChromosomeSet, ParRanges};

/// The chromosomes of the species; `None` if they are not given.
///
/// Fails if the species is unknown, if `--x-model` or `--par` is given without it or has no effect, or if genotypes need not
/// be copies of an allele.
pub(super) fn chromosomes(args: &Args, task: Task) -> Result<Option<ChromosomeModel>> {
    let Some(text) = &args.chr_set else {
        let dependent = [
            ("--x-model", args.x_model.is_some()),
            ("--par", args.par.is_some()),
        ];
        return match dependent.into_iter().find(|(_, is_given)| *is_given) {
            None => Ok(None),
            Some((option, _)) => Err(Error::option(
                option,
                "without the chromosomes of the species, every chromosome is treated alike",
                "name the species, for example --chr-set human, or omit the option",
            )),
        };
    };
    let set = chromosome_set(text)?;
    reject_useless(args, task, &set)?;
    let set = match &args.par {
        None => set,
        Some(par) => {
            let ranges = pseudo_autosomal(par, &set)?;
            set.with_par(ranges)
        }
    };
    Ok(Some(ChromosomeModel {
        set,
        x_model: args.x_model.unwrap_or_default(),
    }))
}

/// The chromosomes of a species, by its name or the number of its autosomes.
///
/// Fails if there is no such species.
pub(crate) fn chromosome_set(text: &str) -> Result<ChromosomeSet> {
    ChromosomeSet::of(text).ok_or_else(|| {
        Error::option(
            "--chr-set",
            format!(
                "expected a species ({}) or the number of its autosomes, found {text:?}",
                ChromosomeSet::species()
            ),
            explanation("chr-set"),
        )
    })
}

/// The pseudo-autosomal positions of X.
fn pseudo_autosomal(text: &str, set: &ChromosomeSet) -> Result<ParRanges> {
    if let Some(of_build) = ParRanges::of_build(text) {
        if set.name() == "human" {
            return Ok(of_build);
        }
        return Err(Error::option(
            "--par",
            format!(
                "{text} is a build of the human genome, but the species is {}",
                set.name()
            ),
            "give the ranges of the species, such as --par 1-700000,170000000-170931299",
        ));
    }
    ParRanges::parse(text).ok_or_else(|| {
        Error::option(
            "--par",
            format!("expected a build of the human genome, or ranges START-END, found {text:?}"),
            explanation("par"),
        )
    })
}

fn reject_useless(args: &Args, task: Task, set: &ChromosomeSet) -> Result<()> {
    if args.no_dosage_range {
        return Err(Error::option(
            "--chr-set",
            "with --no-dosage-range, values are not copies of an allele",
            "omit one of the two options",
        ));
    }
    if args.loco_min_snps.is_some() {
        return Err(Error::option(
            "--loco-min-snps",
            "with --chr-set, all chromosomes that are not autosomes are left out together, whatever their size",
            "omit the option",
        ));
    }
    for (option, is_given) in [
        ("--x-model", args.x_model.is_some()),
        ("--par", args.par.is_some()),
    ] {
        if !is_given {
            continue;
        }
        let why = if !set.has_sexes() {
            Some(format!("{} has no sex chromosomes", set.name()))
        } else if !task.tests_snps() && args.condition.is_none() {
            Some("this run does not test SNPs; a kinship uses autosomes only".to_owned())
        } else {
            None
        };
        if let Some(why) = why {
            return Err(Error::option(option, why, "omit the option"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assoc::lm;
    use crate::genotype::XModel;

    fn args(chr_set: Option<&str>, par: Option<&str>) -> Args {
        Args {
            chr_set: chr_set.map(str::to_owned),
            par: par.map(str::to_owned),
            ..Args::default()
        }
    }

    fn found(chr_set: Option<&str>, par: Option<&str>) -> Result<Option<ChromosomeModel>> {
        chromosomes(&args(chr_set, par), Task::Regression(lm::Tests::default()))
    }

    #[test]
    fn species_and_regions_are_read() {
        assert_eq!(found(None, None).unwrap(), None);
        for (set, par, shown) in [
            (
                "human",
                Some("hg38"),
                "human: 22 autosomes, X (23), Y (24), XY (25) and MT (26); pseudo-autosomal X hg38; X model 2: males have 0 or 2 copies",
            ),
            (
                "30",
                Some("5-9,20-30"),
                "30: 30 autosomes, X (31), Y (32), XY (33) and MT (34); pseudo-autosomal X 5-9,20-30; X model 2: males have 0 or 2 copies",
            ),
            ("rice", None, "rice: 12 autosomes"),
        ] {
            let model = found(Some(set), par).unwrap().unwrap();
            assert_eq!(
                (model.to_string().as_str(), model.x_model),
                (shown, XModel::Two)
            );
        }
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (set, par, parts) in [
            (None, Some("hg19"), ["--par", "treated alike"]),
            (
                Some("cat"),
                None,
                ["human, mouse, rat, cow", "found \"cat\""],
            ),
            (Some("0"), None, ["--chr-set", "found \"0\""]),
            (
                Some("mouse"),
                Some("hg19"),
                ["a build of the human genome", "mouse"],
            ),
            (Some("human"), Some("hg17"), ["--par", "found \"hg17\""]),
            (
                Some("rice"),
                Some("1-2"),
                ["--par", "rice has no sex chromosomes"],
            ),
        ] {
            let error = found(set, par).unwrap_err().to_string();
            assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        }
        let of_kinship = Args {
            x_model: Some(XModel::One),
            ..args(Some("human"), None)
        };
        let error = chromosomes(&of_kinship, Task::Kinship)
            .unwrap_err()
            .to_string();
        assert!(error.contains("does not test SNPs"), "{error}");
    }
}
