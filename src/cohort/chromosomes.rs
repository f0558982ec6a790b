//! The chromosomes of a study, and which of them are left out together.

use crate::error::{Error, Result};
use crate::genotype::ChromosomeSet;
use crate::io::bim::SnpTable;
use crate::io::id_columns::named;
use crate::io::text::count;
use std::collections::HashMap;
use std::ops::Range;

/// The name of the group of unplaced SNPs in outputs and messages.
pub const UNPLACED: &str = "unplaced";

/// The name of the group of SNPs that are not on autosomes, if the species is known.
pub const NOT_AUTOSOMAL: &str = "not_autosomal";

/// Names listed in a message.
const SHOWN: usize = 30;

/// Some SNPs of a study whose kinship is computed without them: a chromosome, or all small scaffolds together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chromosome {
    /// The name of the chromosome, or [`UNPLACED`] or [`NOT_AUTOSOMAL`].
    pub name: String,
    /// The indices of its SNPs in the source: ascending ranges, several if it recurs in the file.
    pub snps: Vec<Range<usize>>,
}

impl Chromosome {
    /// Number of SNPs.
    #[must_use]
    pub fn n_snps(&self) -> usize {
        self.snps.iter().map(ExactSizeIterator::len).sum()
    }

    /// Those of the ascending `snp_indices` that are on this chromosome.
    #[must_use]
    pub fn of<'a>(&self, snp_indices: &'a [usize]) -> Vec<&'a [usize]> {
        let parts = self.snps.iter().map(|range| {
            let first = snp_indices.partition_point(|&snp| snp < range.start);
            let end = snp_indices.partition_point(|&snp| snp < range.end);
            &snp_indices[first..end]
        });
        parts.filter(|part| !part.is_empty()).collect()
    }
}

/// All SNPs of a study, divided into chromosomes for "leave one chromosome out".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chromosomes {
    /// In the order of their first SNPs.
    pub all: Vec<Chromosome>,
    /// The chromosomes that are left out together.
    pub together: Vec<String>,
    /// The name of their group, if there are several: [`UNPLACED`] or [`NOT_AUTOSOMAL`].
    group: &'static str,
}

impl Chromosomes {
    /// Divides `snps`: every chromosome by itself, except for one group.
    ///
    /// Without `set`, the group is [`UNPLACED`]: chromosome 0 and all scaffolds with fewer than `least` SNPs. A scaffold is
    /// everything whose name [is not that of a chromosome](is_chromosome). With `set`, the chromosomes of the species, it is
    /// [`NOT_AUTOSOMAL`]: everything except autosomes, since the kinship has no SNP of it, with or without it.
    ///
    /// Fails if all SNPs are on one chromosome: no kinship would be left without it.
    pub fn divide(snps: &SnpTable, least: usize, set: Option<&ChromosomeSet>) -> Result<Self> {
        let names = snps.chromosomes();
        let mut sizes = vec![0; names.len()];
        for &chr in snps.chr_indices() {
            sizes[chr as usize] += 1;
        }
        let is_in_group = |chr: usize| {
            let name = &*names[chr];
            match set {
                Some(set) => !set.is_autosome(name),
                None => {
                    name == "0" || name == UNPLACED || !is_chromosome(name) && sizes[chr] < least
                }
            }
        };
        let group = if set.is_some() {
            NOT_AUTOSOMAL
        } else {
            UNPLACED
        };
        let together: Vec<String> = (0..names.len())
            .filter(|&chr| sizes[chr] > 0 && is_in_group(chr))
            .map(|chr| names[chr].to_string())
            .collect();
        let keys: Vec<&str> = (0..names.len())
            // A group of one chromosome has the name of this chromosome.
            .map(|chr| {
                if is_in_group(chr) && together.len() > 1 {
                    group
                } else {
                    &*names[chr]
                }
            })
            .collect();
        let all = grouped(snps, &keys);
        if let [only] = all.as_slice() {
            return Err(Error::inconsistent(
                format!(
                    "all {} are on one chromosome ({}): no SNP is left for a kinship without it",
                    count(snps.len(), "SNP"),
                    only.name
                ),
                "omit -loco, or give the genotypes of all chromosomes in one file",
            ));
        }
        Ok(Self {
            all,
            together,
            group,
        })
    }

    /// A note on the chromosomes that are left out together, if there are several.
    ///
    /// * `least`: as given to [`divide`](Self::divide)
    #[must_use]
    pub fn note(&self, least: usize) -> Option<String> {
        let (n, group) = (self.together.len(), self.group);
        let what = match group {
            NOT_AUTOSOMAL => format!(
                "{}; none of them is an autosome, and the kinship is that of all autosomes",
                named(&self.together)
            ),
            _ => {
                format!("chromosome 0 and scaffolds with fewer than {least} SNPs (--loco-min-snps)")
            }
        };
        (n > 1).then(|| format!("-loco leaves {n} chromosomes out together, as `{group}`: {what}"))
    }

    /// The SNPs on the chromosome `name` of `snps`.
    ///
    /// Fails if there is no such chromosome, or no other.
    pub fn find(snps: &SnpTable, name: &str) -> Result<Chromosome> {
        let names: Vec<&str> = snps.chromosomes().iter().map(AsRef::as_ref).collect();
        let mut all = grouped(snps, &names);
        let Some(at) = all.iter().position(|one| one.name == name) else {
            return Err(unknown(name, &all));
        };
        if all.len() == 1 {
            return Err(Error::inconsistent(
                format!(
                    "all {} are on chromosome {name}: no SNP is left for a kinship without it",
                    count(snps.len(), "SNP")
                ),
                "omit -loco, or give the genotypes of all chromosomes in one file",
            ));
        }
        Ok(all.swap_remove(at))
    }
}

/// The SNPs of each of `keys`, which are the names of the chromosomes of `snps` by number.
fn grouped(snps: &SnpTable, keys: &[&str]) -> Vec<Chromosome> {
    let mut all: Vec<Chromosome> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut start = 0;
    for run in snps.chr_indices().chunk_by(|a, b| a == b) {
        let end = start + run.len();
        let key = keys[run[0] as usize];
        let place = *places.entry(key).or_insert_with(|| {
            all.push(Chromosome {
                name: key.to_owned(),
                snps: Vec::new(),
            });
            all.len() - 1
        });
        match all[place].snps.last_mut() {
            Some(last) if last.end == start => last.end = end,
            _ => all[place].snps.push(start..end),
        }
        start = end;
    }
    all
}

fn unknown(name: &str, all: &[Chromosome]) -> Error {
    let mut names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
    let more = names.len().saturating_sub(SHOWN);
    names.truncate(SHOWN);
    let more = match more {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Error::inconsistent(
        format!("-loco: no SNP is on chromosome {name:?}"),
        format!(
            "the chromosomes of these genotypes are {}{more}",
            names.join(", ")
        ),
    )
}

/// Whether `name` looks like that of an assembled chromosome: a number up to 99 (perhaps with a letter for the arm or
/// the subgenome), a Roman numeral up to 39, a sex chromosome or an organelle; perhaps after `chr`, `LG` or the like.
#[must_use]
pub fn is_chromosome(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let prefixes = ["chromosome", "chrom", "chr", "lg"];
    let bare = prefixes
        .iter()
        .find_map(|prefix| lower.strip_prefix(prefix))
        .unwrap_or(&lower);
    let bare = bare.strip_prefix(['_', '-', '.']).unwrap_or(bare);
    let named = ["x", "y", "xy", "z", "w", "m", "mt", "pt"];
    named.contains(&bare) || is_numbered(bare) || is_roman(bare)
}

/// A number from 1 to 99, alone or with one of the letters of arms and subgenomes.
fn is_numbered(text: &str) -> bool {
    let digits = text.trim_end_matches(['a', 'b', 'c', 'd', 'l', 'r']);
    let is_short = text.len() - digits.len() <= 1 && digits.len() <= 2;
    is_short
        && digits.bytes().all(|b| b.is_ascii_digit())
        && digits.parse().is_ok_and(|n: u8| n > 0)
}

/// A Roman numeral from I to XXXIX.
fn is_roman(text: &str) -> bool {
    let ones = text.trim_start_matches('x');
    let is_digit = ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"].contains(&ones);
    !text.is_empty() && text.len() - ones.len() <= 3 && is_digit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::bim::Snp;

    fn table(chromosomes: &[(&str, usize)]) -> SnpTable {
        let snps = chromosomes
            .iter()
            .flat_map(|&(chr, n)| std::iter::repeat_n(chr, n));
        SnpTable::of(snps.map(|chr| Snp {
            chr,
            rs: "rs",
            ps: 1,
            allele1: "A",
            allele0: "C",
        }))
    }

    #[test]
    fn names_of_chromosomes_are_known() {
        for name in [
            "1",
            "22",
            "99",
            "X",
            "chrX",
            "Chr01",
            "chr1",
            "LG3",
            "lg_12",
            "2L",
            "3R",
            "1A",
            "7D",
            "chrMT",
            "M",
            "Pt",
            "Z",
            "XY",
            "I",
            "IV",
            "IX",
            "XVI",
            "chrXIV",
            "chromosome_3",
            "05",
        ] {
            assert!(is_chromosome(name), "{name}");
        }
        for name in [
            "0",
            "100",
            "scaffold_1",
            "contig12",
            "Un",
            "chrUn",
            "NW_004070884.1",
            "GL456210.1",
            "1_random",
            "",
            "chr",
            "1AB",
            "XXXX",
            "000",
        ] {
            assert!(!is_chromosome(name), "{name}");
        }
    }

    #[test]
    fn chromosomes_that_recur_are_one_and_small_scaffolds_are_one() {
        let snps = table(&[
            ("0", 2),
            ("1", 3),
            ("scaffold_1", 1),
            ("scaffold_2", 5),
            ("1", 2),
            ("Un", 4),
        ]);
        let found = Chromosomes::divide(&snps, 5, None).unwrap();
        let parts = |name: &str| {
            found
                .all
                .iter()
                .find(|c| c.name == name)
                .map(|c| c.snps.clone())
        };
        assert_eq!(found.all.len(), 3);
        assert_eq!(parts("1").unwrap(), [2..5, 11..13]);
        assert_eq!(parts("scaffold_2").unwrap()[0], 6..11);
        assert_eq!(parts(UNPLACED).unwrap(), [0..2, 5..6, 13..17]);
        assert_eq!(found.together, ["0", "scaffold_1", "Un"]);
        assert!(
            found
                .note(5)
                .unwrap()
                .contains("leaves 3 chromosomes out together, as `unplaced`")
        );
        let one = &found.all[1];
        assert_eq!((one.name.as_str(), one.n_snps()), ("1", 5));
        assert_eq!(one.of(&[0, 2, 4, 7, 12, 15]), [&[2, 4][..], &[12]]);
    }

    #[test]
    fn chromosomes_of_a_species_that_are_no_autosomes_are_one() {
        let snps = table(&[
            ("1", 3),
            ("X", 2),
            ("2", 4),
            ("MT", 1),
            ("Un", 200),
            ("X", 1),
        ]);
        let mouse = ChromosomeSet::of("mouse");
        let found = Chromosomes::divide(&snps, 5, mouse.as_ref()).unwrap();
        let names: Vec<&str> = found.all.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["1", NOT_AUTOSOMAL, "2"]);
        assert_eq!(found.all[1].snps, [3..5, 9..211]);
        assert!(
            found
                .note(5)
                .unwrap()
                .contains("as `not_autosomal`: X, MT, Un; none")
        );
        let found = Chromosomes::divide(&table(&[("1", 3), ("20", 2)]), 5, mouse.as_ref());
        let found = found.unwrap();
        assert_eq!(found.all[1].name, "20");
        assert_eq!(found.note(5), None);
    }

    #[test]
    fn what_leaves_no_kinship_is_an_error() {
        let one = table(&[("7", 3)]);
        let error = Chromosomes::divide(&one, 5, None).unwrap_err().to_string();
        assert!(error.contains("on one chromosome (7)"), "{error}");
        assert!(Chromosomes::find(&one, "7").is_err());
        let two = table(&[("7", 3), ("chr8", 1)]);
        let error = Chromosomes::find(&two, "8").unwrap_err();
        assert!(error.to_string().contains("no SNP is on chromosome \"8\""));
        assert!(error.hint().is_some_and(|hint| hint.contains("7, chr8")));
        assert_eq!(Chromosomes::find(&two, "7").unwrap().snps[0], 0..3);
    }
}
