//! Inputs of parts: others are refused, whatever their names, and the same are accepted at other places.

use super::{N, Random, assert_same_outputs, bench, parts};
use crate::properties::Bench;
use crate::simulate::{Study, lines_of};
use std::fs;

/// A table with a header, of a covariate that depends on `seed`.
fn covariates(bench: &Bench, seed: u64) -> String {
    let mut random = Random::new(seed);
    let fam = fs::read_to_string(bench.file("s.fam")).unwrap();
    let rows = fam.lines().map(|line| {
        let ids: Vec<&str> = line.split(' ').take(2).collect();
        format!("{}\t{}", ids.join("\t"), 10 + random.below(80))
    });
    format!("FID\tIID\tage\n{}", lines_of(rows))
}

/// The ids of all individuals but one.
fn all_but(bench: &Bench, left_out: usize) -> String {
    let fam = fs::read_to_string(bench.file("s.fam")).unwrap();
    let lines = fam.lines().enumerate().filter(|(i, _)| *i != left_out);
    lines_of(lines.map(|(_, line)| line.split(' ').take(2).collect::<Vec<_>>().join(" ")))
}

fn copy(bench: &Bench, from: &str, to: &str) {
    fs::copy(bench.file(from), bench.file(to)).unwrap();
}

/// Asserts that merging `files` fails, because the runs or the inputs differ in `what`.
fn assert_differ(bench: &Bench, files: &str, what: &str) {
    let message = bench.rejected(&format!("merge {files}"));
    assert!(
        message.contains(&format!("{what} ")) && message.contains("hint: "),
        "no {what} in {message}"
    );
    let left = bench.outputs();
    assert!(!left.iter().any(|name| name.contains("assoc")), "{left:?}");
}

#[test]
fn parts_with_other_contents_of_any_input_are_refused() {
    let bench = bench();
    // Two kinships and their decompositions, without ids, as other programs write them.
    for (name, kind) in [("one", 1), ("two", 2)] {
        bench.run(&format!("gk -bfile s -gk {kind} -o {name}"));
        let suffix = ["cXX", "sXX"][kind - 1];
        copy(
            &bench,
            &format!("output/{name}.{suffix}.txt"),
            &format!("{name}.k"),
        );
        bench.run(&format!("eigen -bfile s -k {name}.k -o {name}"));
        for which in ["D", "U"] {
            let from = format!("output/{name}.eigen{which}.txt");
            copy(&bench, &from, &format!("{name}.{which}"));
        }
    }
    for (seed, name) in [(1, "one"), (2, "two")] {
        bench.write(&format!("{name}.covar"), covariates(&bench, seed));
        bench.write(&format!("{name}.keep"), all_but(&bench, seed as usize));
        let id = all_but(&bench, 0)
            .lines()
            .nth(seed as usize)
            .unwrap()
            .to_owned();
        bench.write(&format!("{name}.remove"), id);
        let listed = (0..900).map(|j| format!("rs{}", 1000 + 3 * j + seed as usize));
        bench.write(&format!("{name}.list"), lines_of(listed));
        let p = (0..N).map(|i| format!("{}", (i * i * seed as usize) % 7 + 1));
        bench.write(&format!("{name}.p"), lines_of(p));
    }
    let eigen = "-d x.D -u x.U";
    for (number, (words, changed, what)) in [
        ("-k x.k".to_owned(), "k", "input -k"),
        (eigen.to_owned(), "U", "input -u"),
        (eigen.to_owned(), "D", "input -d"),
        (format!("{eigen} --covar x.covar"), "covar", "input --covar"),
        ("--keep x.keep".to_owned(), "keep", "input --keep"),
        ("--remove x.remove".to_owned(), "remove", "input --remove"),
        (
            format!("{eigen} --extract x.list"),
            "list",
            "input --extract",
        ),
        (format!("{eigen} -snps x.list"), "list", "input -snps"),
        (format!("-p x.p {eigen}"), "p", "input -p"),
        (format!("-c x.p {eigen}"), "p", "input -c"),
    ]
    .into_iter()
    .enumerate()
    {
        for of in ["k", "U", "D", "covar", "keep", "remove", "list", "p"] {
            copy(&bench, &format!("one.{of}"), &format!("x.{of}"));
        }
        let name = format!("r{number}");
        let part = |k: usize| format!("lmm -bfile s {words} -o {name} --part {k}/2");
        bench.run(&part(1));
        copy(&bench, &format!("two.{changed}"), &format!("x.{changed}"));
        bench.run(&part(2));
        let files = [1, 2].map(|k| format!("output/{name}.part-{k}-of-2.jammapart"));
        assert_differ(&bench, &files.join(" "), what);
    }
}

#[test]
fn a_list_of_another_option_is_another_run() {
    let bench = bench();
    bench.write("l.txt", lines_of((0..3000).map(|j| format!("rs{j}"))));
    for (one, other, what) in [
        ("--extract l.txt", "--exclude l.txt", "option extract"),
        ("-snps l.txt", "--extract l.txt", "option snps"),
        ("--extract l.txt", "", "option extract"),
    ] {
        for (k, words) in [(1, one), (2, other)] {
            bench.run(&format!("lmm -bfile s {words} -o r --part {k}/2"));
        }
        let files = "output/r.part-1-of-2.jammapart output/r.part-2-of-2.jammapart";
        assert_differ(&bench, files, what);
    }
}

#[test]
fn inputs_of_the_same_name_are_told_apart() {
    let bench = bench();
    for folder in ["a", "b"] {
        fs::create_dir(bench.file(folder)).unwrap();
    }
    let column = |step: usize| lines_of((0..N).map(|i| (i * step % 10).to_string()));
    bench.write("a/t.txt", column(3));
    bench.write("b/t.txt", column(7));
    let words = "lmm -bfile s -p a/t.txt -c b/t.txt";
    bench.run(&format!("{words} -o whole"));
    let files = parts(&bench, words, "r", 2, &mut Random::new(1));
    bench.run(&format!("merge {files}"));
    assert_same_outputs(&bench, "whole", "r");
    for name in bench.outputs() {
        if name.contains("assoc") {
            fs::remove_file(bench.output(&name)).unwrap();
        }
    }
    bench.write("b/t.txt", column(9));
    assert_differ(&bench, &files, "input -c");
    bench.run(&format!("{words} -o r --part 2/2"));
    assert_differ(&bench, &files, "input -c");
    // The contents of the two are exchanged.
    bench.write("a/t.txt", column(7));
    bench.write("b/t.txt", column(3));
    bench.run(&format!("{words} -o r --part 2/2"));
    assert_differ(&bench, &files, "input -p");
}

#[test]
fn inputs_may_move_before_they_are_merged_but_not_change() {
    let bench = bench();
    bench.run("gk -bfile s -o k");
    bench.run("eigen -bfile s -k output/k.cXX.txt -o e");
    for which in ["D.txt", "U.txt", "U.id"] {
        copy(
            &bench,
            &format!("output/e.eigen{which}"),
            &format!("e.{which}"),
        );
    }
    bench.write("x.covar", covariates(&bench, 1));
    bench.write("x.list", lines_of((500..4500).map(|j| format!("rs{j}"))));
    let sexes: Vec<String> = (0..N).map(|i| (1 + i % 2).to_string()).collect();
    let fam = fs::read_to_string(bench.file("s.fam")).unwrap();
    let rows = fam.lines().zip(&sexes).map(|(line, sex)| {
        let ids: Vec<&str> = line.split(' ').take(2).collect();
        format!("{} {sex}", ids.join(" "))
    });
    bench.write("x.sex", format!("FID IID SEX\n{}", lines_of(rows)));
    bench.write("x.snps", "rs700\nrs900\n");
    let words = "lmm -bfile s -d e.D.txt -u e.U.txt --covar x.covar --extract x.list --sex-from x.sex --condition x.snps";
    bench.run(&format!("{words} -o whole"));
    let files = parts(&bench, words, "r", 3, &mut Random::new(2));
    fs::create_dir(bench.file("moved")).unwrap();
    for (from, to) in [
        ("s.bed", "moved/g.bed"),
        ("s.bim", "moved/g.bim"),
        ("s.fam", "moved/g.fam"),
        ("e.D.txt", "moved/values.txt"),
        ("e.U.txt", "moved/vectors.txt"),
        ("e.U.id", "moved/vectors.id"),
        ("x.covar", "moved/table"),
        ("x.list", "moved/list"),
        ("x.sex", "moved/sexes"),
        ("x.snps", "moved/conditions"),
    ] {
        fs::rename(bench.file(from), bench.file(to)).unwrap();
    }
    // As docs/parts.md says, all inputs are needed.
    bench.rejected(&format!("merge {files}"));
    bench.rejected(&format!("merge {files} -bfile moved/g"));
    let moved = "-bfile moved/g -d moved/values.txt -u moved/vectors.txt --covar moved/table --extract moved/list --sex-from moved/sexes --condition moved/conditions";
    bench.run(&format!("merge {files} {moved}"));
    // The logs name the files.
    assert!(bench.bytes("whole.assoc.txt") == bench.bytes("r.assoc.txt"));
    bench.write(
        "moved/list",
        lines_of((501..4501).map(|j| format!("rs{j}"))),
    );
    let message = bench.rejected(&format!("merge {files} {moved} -o other"));
    assert!(
        message.contains("input --extract was x.list (") && message.contains("is list ("),
        "{message}"
    );
}

#[test]
fn chunks_of_a_store_are_told_apart() {
    let study = Study::simulate(7, 30, 400);
    let bench = Bench::new(&study);
    crate::zarr::write(bench.path(), &study);
    let words = "gk --zarr s.vcz --kinship-qc all -o k";
    let parts = [1, 2].map(|k| {
        bench.run(&format!("{words} --part {k}/2"));
        format!("output/k.part-{k}-of-2.jammapart")
    });
    let merge = format!("gk --merge {}", parts.join(" "));
    bench.run(&merge);
    fs::rename(bench.file("s.vcz"), bench.file("moved")).unwrap();
    bench.run(&format!("{merge} --zarr moved -o again"));
    assert!(bench.bytes("k.cXX.txt") == bench.bytes("again.cXX.txt"));
    fs::rename(bench.file("moved"), bench.file("s.vcz")).unwrap();
    // One chunk of many, of the same size; each array has a chunk of this name.
    let chunk = bench.file("s.vcz/call_genotype/23.0.0");
    let mut bytes = fs::read(&chunk).unwrap();
    bytes.swap(0, 30);
    let at = bytes.iter().position(|&allele| allele == 0).unwrap();
    bytes[at] = 1;
    fs::write(&chunk, bytes).unwrap();
    let message = bench.rejected(&merge);
    assert!(message.contains("input --zarr was s.vcz ("), "{message}");
    bench.run(&format!("{words} --part 2/2"));
    let message = bench.rejected(&merge);
    assert!(message.contains("input --zarr is s.vcz ("), "{message}");
}
