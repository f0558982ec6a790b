//! Every format of genotypes, whether its SNPs are known before reading or not, and dosages.

use super::{Sexed, assert_same, without};
use crate::properties::Bench;
use crate::simulate::{Study, lines_of};

const ALL: &str = "-maf 0 -miss 1 --all-snps -p y.txt";
const FILTERS: &str = "-maf 0 -miss 1";

/// The lines of a table of SNPs for `--numeric`.
fn snp_map(sexed: &Sexed) -> String {
    let rows = sexed.chr.iter().enumerate();
    let rows = rows.map(|(s, chr)| format!("rs{s},{chr},{},C,A", 100 * (s + 1)));
    lines_of(std::iter::once("SNP,Chromosome,Position,ref,alt".to_owned()).chain(rows))
}

/// Writes the phenotypes, and `name.csv`: a numeric matrix of `study`.
fn write_numeric(bench: &Bench, sexed: &Sexed, study: &Study, name: &str) {
    bench.write(
        &format!("{name}.csv"),
        crate::numeric::individual_rows(study),
    );
    bench.write("map.csv", snp_map(sexed));
    bench.write("y.txt", lines_of(&study.phenotype));
}

/// Haploid dosages are halved where one copy counts once; nothing tells an uncertain one from a heterozygous call.
#[test]
fn dosages_are_scaled() {
    let sexed = Sexed::simulate(67, 80, false, true);
    let bench = sexed.bench();
    write_numeric(&bench, &sexed, &sexed.study, "s");
    for x_model in [1, 2] {
        write_numeric(&bench, &sexed, &sexed.recoded(x_model, None), "r");
        bench.run(&format!(
            "lm -lm 4 --numeric r.csv --snp-map map.csv {ALL} -o expected"
        ));
        bench.run(&format!(
            "lm -lm 4 --numeric s.csv --snp-map map.csv {ALL} --chr-set human --x-model {x_model} --sex-from sex.txt -o found"
        ));
        let (found, expected) = (bench.assoc("found"), bench.assoc("expected"));
        assert_same(
            "numeric",
            &without(&found, &["af"]),
            &without(&expected, &["af"]),
        );
        for (s, af) in found.texts("af").into_iter().enumerate() {
            assert_eq!(af, format!("{:.3}", sexed.af(s, None)), "rs{s}");
        }
    }
    // Sex is matched by id; genotypes without ids have none.
    bench.write("g.txt", crate::bimbam::genotypes(&sexed.study));
    bench.write("a.txt", crate::bimbam::annotation(&sexed.study));
    let said = bench.rejected("lm -g g.txt -a a.txt -p y.txt --chr-set human --sex-from sex.txt");
    assert!(
        said.contains("the individuals of these genotypes have no ids"),
        "{said}"
    );
    let said = bench.rejected("lm -g g.txt -p y.txt --chr-set human");
    assert!(
        said.contains("--chr-set") && said.contains("-a FILE"),
        "{said}"
    );
}

/// BGEN dosages are whole numbers of a unit until they are halved.
#[cfg(feature = "bgen")]
#[test]
fn dosages_of_bgen_are_scaled() {
    use crate::bgen::writer::{Compression, Names, Numbers, Writer};
    let sexed = Sexed::simulate(71, 80, false, true);
    let bench = sexed.bench();
    bench.write("y.txt", lines_of(&sexed.study.phenotype));
    let write = |study: &Study, name: &str| {
        let mut file = Writer::new(80, Compression::Zlib);
        let ids = study.individuals.iter();
        file.ids = Some(ids.map(|(_, iid)| iid.clone()).collect());
        for (s, calls) in study.snps.iter().enumerate() {
            let names = Names {
                chr: sexed.chr[s].into(),
                alleles: vec!["C".into(), "A".into()],
                ..Names::number(s)
            };
            file.add(names, &Numbers::of_calls(calls, [8, 16][s / 60]));
        }
        file.write(&bench.file(name));
    };
    write(&sexed.study, "s.bgen");
    let autosomes = [sexed.on("1"), sexed.on("2")].concat();
    bench.write("list", lines_of(autosomes.iter().map(|s| format!("rs{s}"))));
    for x_model in [1, 2] {
        write(&sexed.recoded(x_model, None), "r.bgen");
        let model = format!("--chr-set human --x-model {x_model} --sex-from sex.txt");
        for (words, kinship) in [("lm", ""), ("lmm -lmm 4", "-ksnps list")] {
            bench.run(&format!(
                "{words} --bgen r.bgen {ALL} {kinship} -o expected"
            ));
            for blocks in ["", "--block-snps 11"] {
                bench.run(&format!(
                    "{words} --bgen s.bgen {ALL} {model} {blocks} -o found"
                ));
                let [found, expected] = ["found", "expected"].map(|name| bench.assoc(name));
                let what = format!("{words} {x_model} {blocks}");
                assert_same(
                    &what,
                    &without(&found, &["af"]),
                    &without(&expected, &["af"]),
                );
            }
        }
    }
}

/// The SNPs of a VCF are known only as they are read.
#[cfg(feature = "vcf")]
#[test]
fn a_vcf_gives_the_results_of_its_plink_files() {
    let sexed = Sexed::simulate(73, 80, true, true);
    let bench = sexed.bench();
    bench.write("y.txt", lines_of(&sexed.study.phenotype));
    let text = crate::vcf::vcf_of(&sexed.study);
    let mut chr = sexed.chr.iter();
    let lines = text.lines().map(|line| match line.split_once('\t') {
        Some(("1", rest)) => format!("{}\t{rest}", chr.next().unwrap()),
        _ => line.to_owned(),
    });
    bench.write("s.vcf", lines_of(lines));
    for words in ["lm", "lmm -lmm 4", "lmm -loco", "lmm --condition rs57,rs3"] {
        for x_model in ["1", "2", "none"] {
            let model = format!("--chr-set human --x-model {x_model} --sex-from sex.txt");
            for (source, name) in [("-bfile s", "expected"), ("--vcf s.vcf", "found")] {
                bench.run(&format!("{words} {source} {ALL} {model} -o {name}"));
            }
            let (found, expected) = (bench.assoc("found"), bench.assoc("expected"));
            assert_same(&format!("{words} {x_model}"), &found, &expected);
        }
    }
    let log = bench.log("found");
    assert!(
        log.contains("--chr-set human: 80 SNPs on autosomes, 14 SNPs on X"),
        "{log}"
    );
    let said = bench.rejected(&format!("lm --vcf s.vcf {ALL} --chr-set human"));
    assert!(
        said.contains("SNP rs40 is on X, but the sex of the individuals is not given"),
        "{said}"
    );
    bench.run(&format!(
        "lm --vcf s.vcf {ALL} --chr-set human --chr 1-22 -o n"
    ));
    bench.run("gk --vcf s.vcf -p y.txt --chr-set human -o n");
    let said = bench.rejected(&format!("lm --vcf s.vcf {ALL} --chr-set mouse"));
    assert!(
        said.contains("chromosome 24, which it does not have"),
        "{said}"
    );
}

/// A copy of a male counts once, whatever its value in the tests.
#[test]
fn the_minor_allele_count_in_the_columns_htp_is_that_of_the_copies_that_individuals_have() {
    let sexed = Sexed::simulate(71, 90, true, true);
    let bench = sexed.bench();
    for x_model in [1, 2] {
        bench.run(&format!(
            "lm -bfile s {FILTERS} --chr-set human --x-model {x_model} --output-format tsv.gz --columns htp -o h"
        ));
        let table = crate::formats::table(&bench, "h.assoc.tsv.gz");
        let (names, info) = (table.texts("Name"), table.texts("Info"));
        let mut n_on_x = 0;
        for (name, info) in names.iter().zip(&info) {
            let s: usize = name.strip_prefix("rs").unwrap().parse().unwrap();
            let (of_allele1, all) = sexed.counts(s, None);
            let expected = f64::from(of_allele1.min(all - of_allele1));
            let (_, mac) = info.split_once(";MAC=").unwrap();
            let mac: f64 = mac.parse().unwrap();
            assert!((mac - expected).abs() < 1e-4, "{name}: {mac} {expected}");
            n_on_x += usize::from(sexed.chr[s] == "23");
        }
        assert!(n_on_x > 10);
    }
}
