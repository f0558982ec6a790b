//! Environments, weights and repeated rows from tables.

use super::{Fixture, N};
use crate::common::Table;
use std::fmt::Write as _;

/// A fixture with the weights `w` as the first column, which some individuals lack.
fn with_weights(without: impl Fn(usize) -> bool) -> Fixture {
    let mut fixture = Fixture::new();
    let weight = |i: usize| {
        if without(i) {
            "NA".to_owned()
        } else {
            (1 + i % 4).to_string()
        }
    };
    fixture
        .columns
        .insert(0, ("w", (0..N).map(weight).collect()));
    fixture
}

/// The header of the association table `x`.
fn header(fixture: &Fixture) -> Vec<String> {
    Table::read(&fixture.bench.output("x.assoc.txt")).header
}

#[test]
fn a_column_that_is_taken_is_not_the_phenotype() {
    let fixture = with_weights(|_| false);
    fixture
        .bench
        .write("t", fixture.text(&["FID", "IID"], "\t"));
    let named = fixture.assoc("--pheno t --pheno-name y --weights w");
    assert!(fixture.assoc("--pheno t --weights w") == named);
    assert!(fixture.log().contains("t: the phenotype is y"));
    let named = fixture.assoc("--pheno t --pheno-name y --gxe w");
    assert!(fixture.assoc("--pheno t --gxe w") == named);
    // A column that is asked for is a phenotype.
    fixture.assoc("--pheno t -n 1 --gxe age");
    assert!(fixture.log().contains("t: the phenotype is w"));
    let only: String = (fixture.text(&["IID"], "\t").lines())
        .map(|line| line.split('\t').take(2).collect::<Vec<_>>().join("\t") + "\n")
        .collect();
    fixture.bench.write("only", only);
    let found = fixture
        .bench
        .rejected("lmm -bfile s --pheno only --weights w");
    assert!(found.contains("the table has no phenotype"), "{found}");
}

#[test]
fn levels_of_individuals_without_a_weight_do_not_count() {
    // Every individual of site A, the most frequent level, lacks a weight.
    let mut fixture = with_weights(|i| i % 2 == 1);
    fixture.bench.write("t", fixture.text(&["IID"], "\t"));
    fixture.assoc("--pheno t --gxe site --weights w");
    let log = fixture.log();
    assert!(
        log.contains("environment site is categorical, with 2 levels, coded as 0 and 1: B (15), C (15); the reference is the most frequent, B"),
        "{log}"
    );
    let is_there = |fixture: &Fixture, level: &str| {
        let name = format!("beta_gxe_site={level}");
        header(fixture).contains(&name)
    };
    assert_eq!(
        ["B", "C"].map(|level| is_there(&fixture, level)),
        [false, true]
    );
    // Without weights, A is the reference.
    fixture.columns.remove(0);
    fixture.bench.write("t", fixture.text(&["IID"], "\t"));
    fixture.assoc("--pheno t --gxe site");
    assert_eq!(["B", "C"].map(|level| is_there(&fixture, level)), [true; 2]);
}

#[test]
fn two_levels_have_named_columns_with_the_numbers_of_the_indicator() {
    let mut fixture = Fixture::new();
    let site = fixture.columns.iter_mut().find(|one| one.0 == "site");
    let cells = &mut site.unwrap().1;
    for (i, cell) in cells.iter_mut().enumerate() {
        *cell = if i % 3 == 0 { "F" } else { "M" }.into();
    }
    let is_f = fixture.column("site").iter().map(|one| one == "F");
    let indicator = is_f.map(|is| u8::from(is).to_string()).collect();
    fixture.columns.push(("f", indicator));
    fixture.bench.write("t", fixture.text(&["IID"], "\t"));
    fixture.assoc("--pheno t --gxe f --gxe-effects");
    let numeric = Table::read(&fixture.bench.output("x.assoc.txt"));
    for words in ["", "--gxe-effects"] {
        fixture.assoc(&format!("--pheno t --gxe site {words}"));
        let found = Table::read(&fixture.bench.output("x.assoc.txt"));
        for (named, plain) in [
            ("beta_gxe_site=F", "beta"),
            ("se_gxe_site=F", "se"),
            ("p_wald", "p_wald"),
            ("p_lrt", "p_lrt"),
            ("p_score", "p_score"),
        ] {
            assert_eq!(found.texts(named), numeric.texts(plain), "{named}");
        }
        assert!(!found.header.iter().any(|one| one == "beta"));
        if !words.is_empty() {
            assert_eq!(found.texts("cov_g_gxe_site=F"), numeric.texts("cov_g_gxe"));
            assert_eq!(found.texts("beta_g"), numeric.texts("beta_g"));
        }
    }
}

/// The table `t` of a fixture with every row twice; `second` changes the cells of the second row of individual number i.
fn write_twice(fixture: &Fixture, second: impl Fn(&str, usize, &str) -> Option<String>) {
    let rows = fixture.rows(&["FID", "IID"]);
    let mut text = rows[0].join("\t") + "\n";
    for (row, &i) in rows[1..].iter().zip(&fixture.order) {
        let cells = rows[0].iter().zip(row);
        let again: Vec<String> = cells
            .map(|(name, cell)| second(name, i, cell).unwrap_or_else(|| cell.clone()))
            .collect();
        writeln!(text, "{}\n{}", row.join("\t"), again.join("\t")).unwrap();
    }
    fixture.bench.write("t", text);
}

#[test]
fn repeated_rows_have_one_value_of_what_is_not_a_phenotype() {
    let fixture = with_weights(|_| false);
    fixture
        .bench
        .write("once", fixture.text(&["FID", "IID"], "\t"));
    write_twice(&fixture, |_, _, _| None);
    for words in [
        "--covar T --covar-name age,site",
        "--covar T --covar-name age --weights w",
        "--covar T --covar-name age --gxe site",
    ] {
        let of = |table: &str| words.replace('T', table);
        let expected = fixture.assoc(&format!("--pheno once --pheno-name y {}", of("once")));
        let found = fixture.assoc(&format!(
            "--pheno t --pheno-name y {} --replicates mean",
            of("t")
        ));
        assert!(found == expected, "{words}");
    }
    let log = fixture.log();
    assert!(
        log.contains(
            "60 individuals with several rows, at most 2, with the same values in all of them"
        ),
        "{log}"
    );
    let first = fixture.order[0];
    for (column, cell, words, expected) in [
        ("age", "7.5", "--covar t --covar-name age", "t:3: age of "),
        (
            "age",
            "NA",
            "--covar t --covar-name age",
            "is missing, but ",
        ),
        ("site", "Z", "--gxe site", "t:3: site of "),
        ("w", "3.5", "--weights w", "t:3: w of "),
    ] {
        write_twice(&fixture, |name, i, _| {
            (name == column && i == first).then(|| cell.to_owned())
        });
        let found = fixture.bench.rejected(&format!(
            "lmm -bfile s --pheno t --pheno-name y --replicates mean {words}"
        ));
        assert!(
            found.contains(expected) && found.contains(" on line 2"),
            "{found}"
        );
    }
}

#[test]
fn the_linear_model_averages_replicates_and_has_no_weights() {
    let fixture = Fixture::new();
    fixture
        .bench
        .write("once", fixture.text(&["FID", "IID"], "\t"));
    write_twice(&fixture, |_, _, _| None);
    let run = |words: &str| {
        (fixture.bench).run(&format!("lm -bfile s -lm 4 {words} -o x"));
        fixture.bench.bytes("x.assoc.txt")
    };
    let expected = run("--pheno once --covar once --covar-name age");
    let found = run("--pheno t --covar t --covar-name age --replicates mean");
    assert!(found == expected);
    let found = (fixture.bench).rejected("lm -bfile s --pheno t --replicates weighted");
    assert!(found.contains("the linear model has no weights"), "{found}");
    assert!(found.contains("--replicates mean"), "{found}");
}

#[test]
fn a_kinship_is_saved_if_the_traits_have_the_same_individuals() {
    let mut fixture = Fixture::new();
    let y = fixture.column("y").to_vec();
    fixture.columns.push(("once", y));
    // The values of `once` in the second rows of some individuals are missing: other weights, the same individuals.
    write_twice(&fixture, |name, i, _| {
        (name == "once" && i % 3 == 0).then(|| "NA".to_owned())
    });
    let words = "lmm -bfile s --pheno t --replicates weighted --save-kinship -o k --pheno-name";
    fixture.bench.run(&format!("{words} y,once"));
    assert!(fixture.bench.outputs().contains(&"k.cXX.txt".to_owned()));
    let found = fixture.bench.rejected(&format!("{words} y,once,z"));
    assert!(found.contains("over 2 sets of individuals"), "{found}");
}

#[test]
fn a_note_says_how_weights_differ_from_those_of_gemma() {
    let fixture = with_weights(|_| false);
    fixture.write_positional("w.txt", &["w"]);
    fixture.assoc("-widv w.txt");
    let log = fixture.log();
    assert!(
        log.contains("note: -widv: the residual variance") && log.contains("--gemma-widv gives"),
        "{log}"
    );
    fixture.assoc("-widv w.txt --gemma-widv");
    assert!(!fixture.log().contains("--gemma-widv gives"));
}
