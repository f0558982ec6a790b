//! Categorical covariates.

use super::{Fixture, N};

/// Writes the indicator columns of sites B and C, which are two and three of four individuals, without a header.
fn write_indicators(fixture: &Fixture) {
    let sites = fixture.column("site").iter();
    let row = |site: &String| format!("{} {}\n", u8::from(site == "B"), u8::from(site == "C"));
    fixture
        .bench
        .write("c.txt", sites.map(row).collect::<String>());
    fixture.write_positional("p.txt", &["y"]);
}

#[test]
fn words_give_the_bytes_of_indicator_columns() {
    let fixture = Fixture::new();
    write_indicators(&fixture);
    let expected = fixture.assoc("-p p.txt -c c.txt");
    let table = fixture.text(&["FID", "IID"], "\t");
    fixture.bench.write("t", &table);
    assert!(fixture.assoc("--pheno t --covar t --covar-name site") == expected);
    let log = fixture.log();
    assert!(
        log.contains("t: covariate site is categorical, with 3 levels, coded as 0 and 1: A (30), B (15), C (15); the reference is the most frequent, A"),
        "{log}"
    );
    assert!(
        log.contains("t: the covariates are site, and an intercept"),
        "{log}"
    );
    // Numeric codes are numbers unless they are declared.
    let codes = table
        .replace("\tA\n", "\t1\n")
        .replace("\tB\n", "\t2\n")
        .replace("\tC\n", "\t10\n");
    fixture.bench.write("t", codes);
    assert!(fixture.assoc("--pheno t --covar t --covar-name site --cat-covar site") == expected);
    assert!(fixture.assoc("--pheno t --covar t --covar-name site") != expected);
}

#[test]
fn levels_of_nobody_analysed_are_excluded_with_a_note() {
    let mut fixture = Fixture::new();
    let sites = fixture.column("site").to_vec();
    for (without, note) in [
        (
            "C",
            "site=C is 0 for every analysed individual and is excluded",
        ),
        (
            "A",
            "no analysed individual has the reference level of site=B",
        ),
    ] {
        let y = &mut fixture.columns[0].1;
        let all = y.clone();
        for i in (0..N).filter(|&i| sites[i] == without) {
            y[i] = "NA".into();
        }
        let others = sites.iter().map(|site| u8::from(site == "B"));
        let others = others.map(|x| format!("{}\n", if without == "A" { 1 - x } else { x }));
        fixture.bench.write("c.txt", others.collect::<String>());
        fixture.write_positional("p.txt", &["y"]);
        let expected = fixture.assoc("-p p.txt -c c.txt");
        fixture.bench.write("t", fixture.text(&["IID"], ","));
        assert!(
            fixture.assoc("--pheno t --covar t --covar-name site") == expected,
            "{without}"
        );
        assert!(fixture.log().contains(note), "{}", fixture.log());
        fixture.columns[0].1 = all;
    }
}

#[test]
fn a_constant_covariate_is_excluded_and_an_intercept_always_added() {
    let mut fixture = Fixture::new();
    fixture.columns.push(("one", vec!["1".into(); N]));
    fixture.columns.push(("same", vec!["x".into(); N]));
    fixture.bench.write("t", fixture.text(&["IID"], ","));
    let expected = fixture.assoc("--pheno t --covar t --covar-name PC1");
    assert!(fixture.assoc("--pheno t --covar t --covar-name PC1,one,same") == expected);
    let log = fixture.log();
    assert!(
        log.contains("one is 1 for every analysed individual and is excluded"),
        "{log}"
    );
    assert!(log.contains("## number of covariates = 2"), "{log}");
}
