//! Choice of phenotypes, individuals without rows, and transforms.

use super::Fixture;
use std::fmt::Write as _;

#[test]
fn phenotypes_are_chosen_by_name_and_by_number() {
    let fixture = Fixture::new();
    let bench = &fixture.bench;
    bench.write("t", fixture.text(&["FID", "IID"], " "));
    let y = fixture.assoc("--pheno t");
    let z = fixture.assoc("--pheno t -n 2");
    assert!(y != z && fixture.log().contains("t: the phenotype is z"));
    assert!(z == fixture.assoc("--pheno t --pheno-name z"));
    for words in [
        "--pheno-name y,z",
        "--traits 1-2",
        "--traits 1,2",
        "--pheno-name y-z",
    ] {
        bench.run(&format!("lmm -bfile s -lmm 4 --pheno t {words} -o many"));
        assert!(bench.bytes("many.y.assoc.txt") == y, "{words}");
        assert!(bench.bytes("many.z.assoc.txt") == z, "{words}");
    }
    // Categories are not phenotypes.
    let error = bench.rejected("lmm -bfile s --pheno t --traits all");
    assert!(
        error.contains("site of") && error.contains("expected a number"),
        "{error}"
    );
    bench.run("lmm -bfile s --pheno t --pheno-name y-z --long -o long");
    let error = bench.rejected("lmm -bfile s --pheno t --pheno-name y --long -o long");
    assert!(error.contains("single trait"), "{error}");
}

#[test]
fn individuals_without_rows_and_rows_without_individuals_are_counted() {
    let mut fixture = Fixture::new();
    fixture.order.truncate(50);
    let mut text = fixture.text(&["FID", "IID"], "\t");
    for i in 0..7 {
        writeln!(text, "X\tnew{i}\t1\t2\t3\t4\t5\tA").unwrap();
    }
    fixture.bench.write("t", text);
    fixture.assoc("--pheno t");
    let log = fixture.log();
    assert!(
        log.contains("t: 10 individuals without a row, and therefore without a phenotype: F"),
        "{log}"
    );
    assert!(log.contains("t: ignored 7 rows of individuals without genotypes: X new0, X new1, X new2, X new3, X new4 and 2 more"), "{log}");
    assert!(
        log.contains("matched to the individuals of the genotypes by FID and IID"),
        "{log}"
    );
    // The phenotypes of the .fam, and covariates of some.
    fixture.assoc("--covar t --covar-name PC1");
    let log = fixture.log();
    assert!(
        log.contains("## individuals excluded, missing covariate = 10"),
        "{log}"
    );
}

#[test]
fn ranks_do_not_depend_on_the_scale() {
    let mut fixture = Fixture::new();
    let cubed = fixture.column("y").iter().map(|y| {
        y.parse::<f64>()
            .map_or_else(|_| y.clone(), |y| format!("{}", (y * y * y).exp()))
    });
    let cubed = cubed.collect();
    fixture.columns.push(("w", cubed));
    fixture.bench.write("t", fixture.text(&["IID"], ","));
    let y = fixture.assoc("--pheno t --pheno-name y --rint");
    assert!(y == fixture.assoc("--pheno t --pheno-name w --rint"));
    assert!(
        fixture
            .log()
            .contains("normal quantiles of its ranks among the analysed individuals")
    );
    assert!(y != fixture.assoc("--pheno t --pheno-name y"));
    // The transform does not depend on where the phenotype comes from.
    fixture.write_positional("p.txt", &["w"]);
    assert!(y == fixture.assoc("-p p.txt --rint"));
    let standardized = fixture.assoc("--pheno t --pheno-name y --standardize");
    fixture.columns[0].1 = fixture
        .column("y")
        .iter()
        .map(|y| {
            y.parse::<f64>()
                .map_or_else(|_| y.clone(), |y| format!("{}", 4.0 * y))
        })
        .collect();
    fixture.bench.write("t", fixture.text(&["IID"], ","));
    assert!(standardized == fixture.assoc("--pheno t --pheno-name y --standardize"));
}

#[test]
fn residuals_and_kinships_take_tables_too() {
    let fixture = Fixture::new();
    let bench = &fixture.bench;
    bench.write("t", fixture.text(&["IID"], "\t"));
    fixture.write_positional("p.txt", &["z"]);
    for command in ["gk", "eigen", "lmm -lmm 5"] {
        let file = ["k.cXX.txt", "k.eigenU.txt", "k.residU.txt"][["gk", "eigen", "lmm -lmm 5"]
            .iter()
            .position(|c| *c == command)
            .unwrap()];
        bench.run(&format!("{command} -bfile s -p p.txt -o k"));
        let expected = bench.bytes(file);
        bench.run(&format!("{command} -bfile s --pheno t --pheno-name z -o k"));
        assert!(bench.bytes(file) == expected, "{command}");
    }
    let error = bench.rejected("eigen -bfile s --pheno t --pheno-name y-z -o k");
    assert!(error.contains("--pheno-name: only tests"), "{error}");
}
