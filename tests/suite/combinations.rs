//! Every model with every source of hard calls, with every chromosome left out and with several traits: a combination has the
//! same bytes from all sources, or is refused by name.

use super::common::{Run, jamma_in};
use super::properties::Bench;
use super::simulate::{Study, lines_of};
use super::vcf::vcf_of;
use std::process::Command;

const N: usize = 60;
const P: usize = 150;

/// Options of a model, and the file of its phenotypes.
const MODELS: [(&str, &str); 13] = [
    ("", "y.txt"),
    ("-c c.txt", "y.txt"),
    ("--model dominant", "y.txt"),
    ("--model genotypic", "y.txt"),
    ("--condition rs7,rs90", "y.txt"),
    ("--stepwise 0.01 --stepwise-max 2", "y.txt"),
    ("-gxe e.txt", "y.txt"),
    ("--interaction rs7", "y.txt"),
    ("-widv w.txt", "y.txt"),
    ("-k2 h.txt", "y.txt"),
    ("--permutations 20", "y.txt"),
    ("--odds --effective-tests", "b.txt"),
    ("--chr-set 2 --x-model 1 --sex-from sex.txt", "y.txt"),
];
const EXTRAS: [&str; 3] = ["", "-loco", "--traits 1,2"];

/// The option that refuses a combination.
fn refused(command: &str, model: &str, extra: &str) -> Option<&'static str> {
    let starts = |start: &str| model.starts_with(start);
    if command == "lm" {
        let of_mixed_model = [
            ("-gxe", "--gxe-file"),
            ("--interaction", "--interaction"),
            ("-widv", "-widv"),
            ("-k2", "-k2"),
            ("--permutations", "--permutations"),
        ];
        let found = of_mixed_model.iter().find(|(start, _)| starts(start));
        if let Some((_, option)) = found {
            return Some(option);
        }
        if extra == "-loco" {
            return Some("-loco");
        }
    }
    (starts("--stepwise") && extra.starts_with("--traits")).then_some("--stepwise")
}

/// The studies: three chromosomes, of which the last is X, two numeric and two binary phenotypes.
fn bench() -> Bench {
    let study = Study::simulate(1401, N, P);
    let bench = Bench::new(&study);
    let chromosome = |j: usize| ["1", "2", "X"][j * 3 / P];
    let bim = (0..P).map(|j| format!("{}\trs{j}\t0\t{}\tA\tC", chromosome(j), 100 * (j + 1)));
    bench.write("s.bim", lines_of(bim));
    let vcf = vcf_of(&study);
    let lines = vcf.lines().map(|line| match line.strip_prefix("1\t") {
        None => line.to_owned(),
        Some(rest) => {
            let ps: usize = rest.split('\t').next().unwrap().parse().unwrap();
            format!("{}\t{rest}", chromosome(ps / 100 - 1))
        }
    });
    bench.write("s.vcf", lines_of(lines));
    let column = |f: fn(usize) -> String| lines_of((0..N).map(f));
    let y = study.phenotype.iter().enumerate();
    // The second phenotype lacks some individuals.
    let y = y.map(|(i, y)| match i % 9 {
        4 => format!("{y} NA"),
        _ => format!("{y} {}", (i * i) % 17),
    });
    bench.write("y.txt", lines_of(y));
    bench.write("b.txt", column(|i| format!("{} {}", i % 2, (i / 3) % 2)));
    bench.write("c.txt", column(|i| format!("1 {}", (i * 7) % 13)));
    bench.write("e.txt", column(|i| ((i * 5) % 11).to_string()));
    bench.write("w.txt", column(|i| (1 + i % 4).to_string()));
    bench.write(
        "h.txt",
        column(|i| {
            let row: Vec<&str> = (0..N)
                .map(|j| if i / 5 == j / 5 { "1" } else { "0" })
                .collect();
            row.join(" ")
        }),
    );
    let sex =
        (study.individuals.iter().enumerate()).map(|(i, (_, iid))| format!("{iid}\t{}", 1 + i % 2));
    bench.write("sex.txt", "IID\tSEX\n".to_owned() + &lines_of(sex));
    bench
}

/// The sources besides PLINK files: a VCF, and those that plink2 writes if it is installed.
#[allow(clippy::print_stdout, reason = "a skipped check is said")]
fn sources(bench: &Bench) -> Vec<&'static str> {
    let plink2 = |words: &str| {
        let mut command = Command::new("plink2");
        let words = format!("--bfile s --allow-extra-chr {words}");
        command
            .current_dir(bench.path())
            .args(words.split(' '))
            .output()
    };
    let mut sources = vec!["--vcf s.vcf"];
    match plink2("--make-pgen --out p") {
        Ok(made) => {
            assert!(made.status.success(), "{made:?}");
            let made = plink2("--export bgen-1.2 bits=8 ref-first id-paste=iid --out b").unwrap();
            assert!(made.status.success(), "{made:?}");
            sources.extend([
                "--pfile p",
                "--bgen b.bgen --sample b.sample --hard-call-threshold 0.1",
            ]);
        }
        Err(_) => println!("skipped: plink2 is not installed, which writes PGEN and BGEN files"),
    }
    sources
}

/// The tables of a run, or the option that refuses it.
fn outcome(bench: &Bench, words: &str) -> Result<Vec<Vec<u8>>, String> {
    std::fs::remove_dir_all(bench.output("")).ok();
    let Run { status, stderr, .. } = jamma_in(bench.path(), words);
    if status != 0 {
        let error = stderr.lines().find_map(|line| line.strip_prefix("error: "));
        let error = error.unwrap_or_else(|| panic!("{words}: {stderr}"));
        assert!(stderr.contains("hint: "), "{words}: {stderr}");
        return Err(error.split(": ").next().unwrap().to_owned());
    }
    let tables = bench
        .outputs()
        .into_iter()
        .filter(|name| name.contains("assoc"));
    let tables: Vec<_> = tables.map(|name| bench.bytes(&name)).collect();
    assert!(!tables.is_empty(), "{words}: no table");
    Ok(tables)
}

#[test]
fn models_work_with_all_sources_chromosomes_left_out_and_several_traits_or_are_refused() {
    let bench = bench();
    let sources = sources(&bench);
    for command in ["lmm", "lm"] {
        for (model, phenotypes) in MODELS {
            for extra in EXTRAS {
                let words = format!("-p {phenotypes} {model} {extra}");
                let of = |source: &str| {
                    let words = format!("{command} {source} {words}");
                    let words: Vec<&str> = words.split_whitespace().collect();
                    outcome(&bench, &words.join(" "))
                };
                let expected = of("-bfile s");
                let option = expected.as_ref().err().map(String::as_str);
                assert_eq!(option, refused(command, model, extra), "{command} {words}");
                for source in &sources {
                    // GWAS files of other formats have no sex of their own; all read the same table.
                    let found = of(source);
                    assert!(found == expected, "{command} {source} {words}: {found:?}");
                }
            }
        }
    }
}
