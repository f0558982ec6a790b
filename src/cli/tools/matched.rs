//! Says which SNPs of two tables are the same.

use crate::cli::report::print;
use crate::genotype::common_name;
use crate::io::results::ResultTable;
use crate::results::{Comparison, MatchedBy, Matching};

/// SNPs that are named.
pub(super) const NAMED: usize = 5;

/// What identifies a SNP.
pub(super) fn by(found: &Comparison) -> &'static str {
    match found.matching.by {
        MatchedBy::Id => "id",
        MatchedBy::Position => "position",
    }
}

/// Some SNPs by their ids or positions.
pub(super) fn named(table: &ResultTable, rows: &[usize]) -> String {
    let name = |&row: &usize| match table.id(row) {
        "" | "." => format!("{}:{}", table.chr(row), table.ps(row).unwrap_or_default()),
        id => id.to_owned(),
    };
    let mut names: Vec<String> = rows.iter().take(NAMED).map(name).collect();
    if rows.len() > NAMED {
        names.push("...".to_owned());
    }
    names.join(", ")
}

/// What is said of some SNPs of a table if there are any.
fn say(what: impl Fn(usize) -> String, table: &ResultTable, rows: &[usize]) {
    if !rows.is_empty() {
        print(format_args!("{}: {}", what(rows.len()), named(table, rows)));
    }
}

/// Which SNPs are in both tables, and how their alleles are related.
pub(super) fn show_matching(a: &ResultTable, b: &ResultTable, found: &Comparison) {
    let (matching, alleles) = (&found.matching, &found.alleles);
    print(format_args!(
        "{} SNPs in both, matched by {}",
        matching.pairs.len(),
        by(found)
    ));
    for (n, what) in [
        (
            alleles.n_exchanged,
            "with exchanged alleles (the numbers of B are turned)",
        ),
        (alleles.n_flipped, "with alleles of the other strand"),
        (
            alleles.n_palindromic,
            "with alleles A/T or C/G, whose strand cannot be known; compared as written",
        ),
        (
            alleles.n_assumed,
            "without alleles in one table; the effect allele is assumed to be the same",
        ),
    ] {
        if n > 0 {
            print(format_args!("  {n} of them {what}"));
        }
    }
    say(
        |n| {
            format!("  {n} of those with A/T or C/G have frequencies that suggest the other strand")
        },
        a,
        &alleles.frequencies_disagree,
    );
    for (k, (letter, table)) in [("A", a), ("B", b)].into_iter().enumerate() {
        say(
            |n| format!("{n} only in {letter}"),
            table,
            &matching.only[k],
        );
        say(
            |n| {
                format!(
                    "{n} of {letter} not compared, because several rows have the same {} and alleles",
                    by(found)
                )
            },
            table,
            &matching.repeated[k],
        );
        let rows = &matching.without_key[k];
        say(
            |n| format!("{n} of {letter} not compared, without {}", by(found)),
            table,
            rows,
        );
    }
    let firsts = |pairs: &[(usize, usize)]| pairs.iter().map(|pair| pair.0).collect::<Vec<_>>();
    say(
        |n| {
            format!(
                "  {n} of them at other positions: the tables may be of different genome builds"
            )
        },
        a,
        &firsts(&matching.other_positions),
    );
    say(
        |n| format!("{n} with other alleles, not compared"),
        a,
        &firsts(&matching.other_alleles),
    );
    say(
        |n| {
            format!(
                "{n} with exchanged alleles, not compared: the tests are of a dominant or recessive model"
            )
        },
        a,
        &firsts(&found.other_model),
    );
    if let Some([letter, number]) = sex_chromosomes(a, b, matching) {
        print(format_args!(
            "note: chromosome {letter} is in one table and {number} in the other; if they are the same, give the species, such as --chr-set human"
        ));
    }
}

/// A sex chromosome by its letter in one table, and a number in the other that may be the same, if SNPs were matched by position
/// and some are not in both.
fn sex_chromosomes(a: &ResultTable, b: &ResultTable, matching: &Matching) -> Option<[String; 2]> {
    if matching.by == MatchedBy::Id || matching.only.iter().any(Vec::is_empty) {
        return None;
    }
    let names = [a, b].map(|table| -> Vec<String> {
        table
            .chromosomes()
            .map(|name| common_name(name, None))
            .collect()
    });
    let is_number = |name: &&String| name.parse::<u32>().is_ok_and(|number| number > 1);
    [(0, 1), (1, 0)].into_iter().find_map(|(this, that)| {
        let mut letters = names[this]
            .iter()
            .filter(|name| ["X", "Y", "MT"].contains(&name.as_str()));
        let letter = letters.find(|name| !names[that].contains(name))?;
        let mut numbers = names[that].iter().filter(is_number);
        let number = numbers.find(|name| !names[this].contains(name))?;
        Some([letter.clone(), number.clone()])
    })
}
