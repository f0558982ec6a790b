//! The options of GEMMA 0.98.5 that jamma does not have: how many values they take, what they do, and what to do instead.
//!
//! GEMMA's other options are rows of the table of options; together, both tables have every option of GEMMA.

/// How many words GEMMA reads as the value of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    /// None.
    Zero,
    /// One, or none.
    Optional,
    /// One.
    One,
    /// All words up to the next option.
    Several,
}

/// An option of GEMMA: its names without dashes, its values, and what it does.
pub(super) struct Flag(
    pub(super) &'static [&'static str],
    pub(super) Values,
    pub(super) &'static str,
);

/// Options with the same advice.
struct Group {
    /// What to do instead.
    instead: &'static str,
    flags: &'static [Flag],
}

use Values::{One, Optional, Several, Zero};

const GROUPS: &[Group] = &[
    Group {
        instead: "lists of BIMBAM files are not supported; concatenate the files and give them with -g",
        flags: &[Flag(&["mg"], One, "list of BIMBAM files")],
    },
    Group {
        instead: "lists of PLINK files are not supported; merge the files with `plink2 --pmerge-list` and give -bfile",
        flags: &[Flag(&["mbfile", "mb"], One, "list of PLINK files")],
    },
    Group {
        instead: "gene expression files are not supported; run once per phenotype column with -p and -n",
        flags: &[Flag(&["gene"], One, "matrix of gene expression")],
    },
    Group {
        instead: "give the SNPs to test with -snps, and those of the kinship with -ksnps",
        flags: &[Flag(
            &["gwasnps"],
            One,
            "SNPs to test; GEMMA 0.98.5 does not recognise it",
        )],
    },
    Group {
        instead: "GEMMA 0.98.5 does not know it either; give weights of individuals with -widv FILE or --weights NAME",
        flags: &[Flag(&["weight"], One, "weights of the individuals")],
    },
    Group {
        instead: "it belongs to variance components by SNP category, which are not supported; omit the option",
        flags: &[
            Flag(&["wcat"], One, "LD scores of SNP categories"),
            Flag(&["wsnp"], One, "weights of the SNPs"),
            Flag(&["cat", "mcat"], One, "categories of the SNPs"),
            Flag(&["catc", "mcatc"], One, "continuous categories; never read"),
        ],
    },
    Group {
        instead: "lists of kinship matrices are not supported; give one with -k and a second one with -k2",
        flags: &[Flag(&["mk"], One, "list of kinship matrices")],
    },
    Group {
        instead: "the Bayesian sparse model is not supported yet",
        flags: &[
            Flag(&["bslmm"], Optional, "Bayesian sparse linear mixed model"),
            Flag(&["bmap"], One, "Bayesian sparse linear mixed model"),
            Flag(
                &["hmin", "hmax", "rmin", "rmax", "pmin", "pmax"],
                One,
                "range of a prior",
            ),
            Flag(&["smin", "smax"], One, "number of SNPs in the model"),
            Flag(
                &["gmean", "hscale", "rscale", "pscale"],
                One,
                "proposals of the sampler",
            ),
            Flag(&["w", "s", "mh"], One, "length of the chain"),
            Flag(&["rpace", "wpace"], One, "states that are recorded"),
            Flag(&["bf", "hyp"], One, "input of DAP; without effect"),
            Flag(&["ldr"], One, "in the help of GEMMA only"),
        ],
    },
    Group {
        instead: "prediction is not supported yet",
        flags: &[
            Flag(&["predict"], Optional, "prediction of missing phenotypes"),
            Flag(&["epm", "emu", "ebv"], One, "output of a Bayesian model"),
            Flag(&["mu"], One, "mean of the phenotype"),
            Flag(&["en"], Several, "columns of the -epm file"),
        ],
    },
    Group {
        instead: "variance components and their summary statistics are not supported yet; `jamma lmm` reports the heritability of the null model",
        flags: &[
            Flag(&["vc"], Optional, "variance components"),
            Flag(
                &["noconstrain"],
                Zero,
                "variance components may be negative",
            ),
            Flag(&["ci"], Optional, "asymptotic standard errors"),
            Flag(&["pve"], Several, "proportions of variance explained"),
            Flag(&["beta"], One, "summary statistics"),
            Flag(&["blocks"], One, "blocks of the jackknife"),
            Flag(&["gs", "gq", "gw"], Optional, "parts of summary statistics"),
            Flag(
                &["study", "ref", "mstudy", "mref"],
                One,
                "parts of summary statistics, to combine",
            ),
            Flag(&["cor"], One, "correlations of SNPs; never read"),
        ],
    },
    Group {
        instead: "correlations between SNPs are not supported; use `plink2 --r2-unphased`",
        flags: &[
            Flag(&["calccor"], Optional, "correlations between SNPs"),
            Flag(
                &["windowbp", "windowcm", "windowns"],
                One,
                "window of the correlations",
            ),
        ],
    },
    Group {
        instead: "it belongs to the multivariate model, which is not supported yet",
        flags: &[
            Flag(&["crt"], Zero, "correction of p-values for small samples"),
            Flag(&["pnr"], One, "p-value below which Newton's method is used"),
            Flag(&["emi", "nri"], One, "iterations"),
            Flag(&["emp", "nrp"], One, "precision"),
        ],
    },
    Group {
        instead: "read totals are not supported",
        flags: &[Flag(&["r"], One, "read totals")],
    },
    Group {
        instead: "it is an option for testing GEMMA; make a subset with `plink2 --keep`",
        flags: &[Flag(&["nind"], One, "the first individuals only")],
    },
    Group {
        instead: "it writes internal data of GEMMA; omit the option",
        flags: &[Flag(&["debug-data", "debug-dump"], Zero, "internal data")],
    },
    Group {
        instead: "see the file LICENSE: MIT or Apache-2.0",
        flags: &[Flag(&["license", "licence"], Zero, "licence of GEMMA")],
    },
];

/// Options of GEMMA whose names mean something else in jamma. Only the explanation of a command line of GEMMA has them.
const HOMONYMS: &[(Flag, &str)] = &[(
    Flag(&["sample"], One, "random subset of individuals, for -vc"),
    "it belongs to variance components, which are not supported yet; in jamma, --sample FILE has the individuals of a BGEN file",
)];

/// What to do instead of the option of GEMMA called `name`, without dashes; `None` if jamma has the option, or GEMMA does not.
pub(super) fn instead(name: &str) -> Option<&'static str> {
    unsupported(name).map(|(_, instead)| instead)
}

fn unsupported(name: &str) -> Option<(&'static Flag, &'static str)> {
    let flags = GROUPS.iter().flat_map(|group| {
        let instead = group.instead;
        group.flags.iter().map(move |flag| (flag, instead))
    });
    let mut flags = flags.filter(|(flag, _)| flag.0.contains(&name));
    flags.next()
}

/// The option of GEMMA called `name` that jamma does not have, and what to do instead; also one whose name means something else
/// in jamma.
pub(super) fn without_equivalent(name: &str) -> Option<(&'static Flag, &'static str)> {
    let homonyms = HOMONYMS.iter().map(|(flag, instead)| (flag, *instead));
    let mut homonyms = homonyms.filter(|(flag, _)| flag.0.contains(&name));
    homonyms.next().or_else(|| unsupported(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_option_is_in_both_tables() {
        let mut seen = HashSet::new();
        for Flag(names, ..) in GROUPS.iter().flat_map(|group| group.flags) {
            for name in *names {
                assert!(seen.insert(*name), "{name} twice");
                assert!(!super::super::options::is_known(name), "{name} is ours");
            }
        }
        for (Flag(names, ..), _) in HOMONYMS {
            assert!(
                names
                    .iter()
                    .all(|name| super::super::options::is_known(name))
            );
        }
    }
}
