//! Second kinships that cannot be used, and combinations of options that make no sense.

use super::{N, bench, households, text_of};

#[test]
fn a_second_kinship_without_a_model_of_two_is_refused_by_name() {
    let bench = bench();
    bench.write("w.txt", "1\n".repeat(N));
    bench.run("eigen -bfile s -k k.cXX.npy -o e -outdir .");
    for (words, text) in [
        (
            "eigen -bfile s -k k.cXX.npy -k2 h.txt",
            "it is an option of `jamma lmm`",
        ),
        (
            "-bfile s -k k.cXX.npy -k2 h.txt -eigen",
            "depends on the phenotype and its model",
        ),
        ("gk -bfile s -k2 h.txt", "k2"),
        (
            "-bfile s -gk 1 -k2 h.txt",
            "fits no model in which there could be two",
        ),
        ("lm -bfile s -k2 h.txt", "k2"),
        (
            "-bfile s -lm 1 -k2 h.txt",
            "the linear model does not use a kinship",
        ),
        (
            "lmm -bfile s -d e.eigenD.txt -u e.eigenU.txt -k2 h.txt",
            "the decomposition of one kinship is given",
        ),
        (
            "lmm -bfile s -k2 h.txt -widv w.txt --gemma-widv",
            "belongs to no model",
        ),
        ("lmm -bfile s -km2 2", "there is no second kinship"),
        (
            "lmm -bfile s -loco -k k.cXX.npy -k2 h.txt",
            "a matrix cannot be divided",
        ),
        ("lmm -bfile s -mk list.txt", "a second one with -k2"),
    ] {
        let found = bench.rejected(words);
        assert!(found.contains(text), "{words}: {found}");
    }
    // Nothing was written.
    assert!(!bench.output("").exists());
}

#[test]
fn a_second_kinship_that_cannot_be_told_from_the_first_is_an_error_that_names_both() {
    let bench = bench();
    let h = households();
    let with = |change: &dyn Fn(usize, usize, f64) -> f64| {
        let row = |i: usize| (0..N).map(|j| change(i, j, h[i][j])).collect();
        text_of(&(0..N).map(row).collect::<Vec<Vec<f64>>>())
    };
    let diagonal = |i: usize, j: usize| f64::from(u8::from(i == j));
    bench.write("identity.txt", with(&|i, j, _| diagonal(i, j)));
    bench.write("twice.txt", with(&|_, _, h| 2.0 * h));
    bench.write("mixed.txt", with(&|i, j, h| h + 0.5 * diagonal(i, j)));
    bench.write("zero.txt", with(&|_, _, _| 0.0));
    bench.write("constant.txt", with(&|_, _, _| 0.7));
    bench.write(
        "infinite.txt",
        with(&|i, j, h| if i + j == 7 { f64::NAN } else { h }),
    );
    bench.write(
        "asymmetric.txt",
        with(&|i, j, h| if (i, j) == (3, 9) { 0.5 } else { h }),
    );
    bench.write("short.txt", "1 0\n0 1\n");
    // A covariate for every household but the first.
    let line = |i: usize| {
        let cells: Vec<String> = (1..N / 3)
            .map(|k| u8::from(super::household(i) == k).to_string())
            .collect();
        cells.join(" ") + "\n"
    };
    bench.write("c.txt", (0..N).map(line).collect::<String>());
    for (words, texts) in [
        (
            "-k h.txt -k2 twice.txt",
            vec!["h.txt", "twice.txt", "the same up to a factor"],
        ),
        (
            "-k h.txt -k2 mixed.txt",
            vec![
                "h.txt",
                "mixed.txt",
                "combination of the other and the identity",
            ],
        ),
        (
            "-k2 identity.txt",
            vec!["identity.txt", "multiple of the identity"],
        ),
        (
            "-k2 k.cXX.npy -r2 1",
            vec!["the computed kinship", "the same up to a factor"],
        ),
        (
            "-k2 h.txt -c c.txt",
            vec!["h.txt", "the covariates explain everything"],
        ),
        (
            "-k2 zero.txt",
            vec!["zero.txt", "every entry of the kinship is 0"],
        ),
        (
            "-k2 constant.txt",
            vec!["constant.txt", "the kinship is constant"],
        ),
        ("-k2 infinite.txt", vec!["infinite.txt:1"]),
        ("-k2 asymmetric.txt", vec!["asymmetric.txt", "symmetric"]),
        ("-k2 short.txt", vec!["short.txt"]),
        ("-k2 lost.txt", vec!["lost.txt"]),
        (
            "-k2 h.txt -o h -outdir . --save-kinship --maf 2",
            vec!["-maf"],
        ),
    ] {
        let found = bench.rejected(&format!("lmm -bfile s {words}"));
        for text in texts {
            assert!(found.contains(text), "{words}: {found}");
        }
    }
}

#[test]
fn a_second_kinship_without_another_chromosome_is_refused() {
    let bench = bench();
    bench.run("gk -bfile s -loco 2 -o part -outdir .");
    for words in [
        "-k2 part.cXX.txt",
        "-k2 part.cXX.txt -loco X",
        "-k2 part.cXX.txt -loco",
    ] {
        let found = bench.rejected(&format!("lmm -bfile s {words}"));
        let text = "chromosome 2 is left out of this second kinship";
        assert!(found.contains(text), "{words}: {found}");
    }
    let run = bench.run("lmm -bfile s -k2 part.cXX.txt -gk 2 -loco 2 -o fine");
    assert!(!run.stderr.contains("leaves nothing out"), "{}", run.stderr);
}

#[test]
fn the_file_of_the_second_kinship_is_an_input_that_is_not_overwritten() {
    let bench = bench();
    let h = std::fs::read(bench.file("h.txt")).unwrap();
    bench.write("x.assoc.txt", &h);
    let found = bench.rejected("lmm -bfile s -k2 x.assoc.txt -o x -outdir .");
    assert!(found.contains("would overwrite this file"), "{found}");
    assert_eq!(std::fs::read(bench.file("x.assoc.txt")).unwrap(), h);
}
