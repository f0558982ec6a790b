//! Numeric matrices and HapMap text (`--numeric`, `--snp-map`): the results are those of the same study in BIMBAM or
//! PLINK files.

mod rejected;

use super::bimbam::{annotation, genotypes};
use super::common::{Table, jamma_in, log_value, relative_difference};
use super::live::output_folder;
use super::simulate::{Random, Study, lines_of};
use std::path::{Path, PathBuf};

/// A call as text, `NA` if it is missing.
fn call_text(call: Option<u8>) -> String {
    call.map_or("NA".into(), |copies| copies.to_string())
}

fn iids(study: &Study) -> Vec<&str> {
    study.individuals.iter().map(|(_, iid)| &**iid).collect()
}

/// SNPs in rows, with places and alleles.
pub fn snp_rows(study: &Study) -> String {
    let [allele1, allele0] = study.alleles;
    let header = format!("chr\tpos\tid\tallele1\tallele0\t{}", iids(study).join("\t"));
    let rows = study.snps.iter().enumerate().map(|(j, snp)| {
        let calls: Vec<String> = snp.iter().map(|&call| call_text(call)).collect();
        let place = format!("1\t{}\trs{j}\t{allele1}\t{allele0}", 100 * (j + 1));
        format!("{place}\t{}", calls.join("\t"))
    });
    lines_of(std::iter::once(header).chain(rows))
}

/// Individuals in rows.
pub fn individual_rows(study: &Study) -> String {
    let snps: Vec<String> = (0..study.snps.len()).map(|j| format!("rs{j}")).collect();
    let header = format!("FID,IID,{}", snps.join(","));
    let rows = study.individuals.iter().enumerate().map(|(i, (fid, iid))| {
        let calls: Vec<String> = study.snps.iter().map(|snp| call_text(snp[i])).collect();
        format!("{fid},{iid},{}", calls.join(","))
    });
    lines_of(std::iter::once(header).chain(rows))
}

/// A map of the SNPs, in another order and with one more.
pub fn snp_map(study: &Study) -> String {
    let [allele1, allele0] = study.alleles;
    let rows = (0..=study.snps.len()).rev();
    let rows = rows.map(|j| format!("rs{j},1,{},{allele0},{allele1}", 100 * (j + 1)));
    lines_of(std::iter::once("SNP,Chromosome,Position,ref,alt".to_owned()).chain(rows))
}

/// HapMap text; calls of one and of two letters.
pub fn hapmap(study: &Study) -> String {
    let [allele1, allele0] = study.alleles;
    let header = "rs#\talleles\tchrom\tpos\tstrand\tassembly#\tcenter\tprotLSID\tassayLSID\tpanelLSID\tQCcode";
    let header = format!("{header}\t{}", iids(study).join("\t"));
    let rows = study.snps.iter().enumerate().map(|(j, snp)| {
        let calls = snp.iter().enumerate().map(|(i, call)| match (call, i % 2) {
            (Some(0), 0) => allele0.repeat(2),
            (Some(0), _) => allele0.to_owned(),
            (Some(1), 0) => format!("{allele0}{allele1}"),
            (Some(1), _) => "M".to_owned(), // A and C
            (Some(_), 0) => allele1.repeat(2),
            (Some(_), _) => allele1.to_owned(),
            (None, 0) => "NN".to_owned(),
            (None, _) => "N".to_owned(),
        });
        let calls: Vec<String> = calls.collect();
        let place = format!("rs{j}\t{allele0}/{allele1}\t1\t{}", 100 * (j + 1));
        format!("{place}\t+\tNA\tNA\tNA\tNA\tNA\tNA\t{}", calls.join("\t"))
    });
    lines_of(std::iter::once(header).chain(rows))
}

/// A folder with the study in every form, and `ids.p.txt`: phenotypes with ids, in the reverse order.
fn folder_of(test: &str, study: &Study) -> PathBuf {
    let out = output_folder(&format!("numeric_{test}"));
    study.write(&out, "s");
    let rows = study.individuals.iter().zip(&study.phenotype).rev();
    for (name, text) in [
        ("g.txt", genotypes(study)),
        ("a.txt", annotation(study)),
        ("p.txt", lines_of(&study.phenotype)),
        (
            "ids.p.txt",
            lines_of(rows.map(|((_, iid), y)| format!("{iid} {y}"))),
        ),
        ("snps.tsv", snp_rows(study)),
        ("individuals.csv", individual_rows(study)),
        ("map.csv", snp_map(study)),
        ("hapmap.txt", hapmap(study)),
    ] {
        write(&out, name, text);
    }
    out
}

fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    std::fs::write(folder.join(name), text).unwrap();
}

/// The association table of a run.
fn table(folder: &Path, words: &str) -> Table {
    jamma_in(
        folder,
        &format!("lmm -lmm 4 -outdir . -silence -o r {words}"),
    )
    .ok();
    Table::read(&folder.join("r.assoc.txt"))
}

/// The largest relative difference between numbers at the same place.
fn largest_difference(these: &[f64], those: &[f64]) -> f64 {
    assert_eq!(these.len(), those.len());
    let each = these.iter().zip(those);
    each.map(|(&a, &b)| relative_difference(a, b))
        .fold(0.0, f64::max)
}

#[test]
fn every_form_gives_the_results_of_its_twin() {
    let study = Study::simulate(31, 60, 300);
    let out = folder_of("forms", &study);
    let ids = "-p ids.p.txt -n 2";
    // SNPs are read as dosages, like BIMBAM; HapMap and hard calls of individuals as packed calls, like PLINK.
    for options in ["", "-maf 0.2"] {
        let bimbam = table(&out, &format!("-g g.txt -a a.txt -p p.txt {options}"));
        assert!(bimbam.rows.len() > 100);
        let snps = table(&out, &format!("--numeric snps.tsv {ids} {options}"));
        assert!(snps == bimbam, "{options}");
        let plink = table(&out, &format!("-bfile s {options}"));
        let hapmap = table(&out, &format!("--numeric hapmap.txt {ids} {options}"));
        assert!(hapmap == plink, "{options}");
        let individuals = table(
            &out,
            &format!("--numeric individuals.csv --snp-map map.csv {ids} {options}"),
        );
        assert!(individuals == plink, "{options}");
    }
    let log = std::fs::read_to_string(out.join("r.log.txt")).unwrap();
    assert_eq!(log_value(&log, "number of total SNPs/var"), "300");
}

#[test]
fn kinships_are_matched_by_the_ids_of_a_matrix() {
    let study = Study::simulate(32, 40, 200);
    let out = folder_of("kinship", &study);
    jamma_in(&out, "gk -bfile s -outdir . -silence -o k").ok();
    let of_plink = table(&out, "-bfile s -k k.cXX.txt");
    let order: Vec<usize> = (0..40).rev().collect();
    write(
        &out,
        "reversed.csv",
        individual_rows(&study.permuted(&order)),
    );
    let words = "--numeric reversed.csv --snp-map map.csv -p ids.p.txt -n 2 -k k.cXX.txt";
    let run = jamma_in(&out, &format!("lmm -lmm 4 -outdir . -o r {words}")).ok();
    assert!(
        run.stderr.contains("rows were reordered by their ids"),
        "{}",
        run.stderr
    );
    let of_matrix = Table::read(&out.join("r.assoc.txt"));
    assert_eq!(of_plink.rows.len(), of_matrix.rows.len());
    for name in ["beta", "se", "p_wald"] {
        let worst = largest_difference(&of_plink.numbers(name), &of_matrix.numbers(name));
        assert!(worst < 1e-6, "{name}: {worst:e}");
    }
}

#[test]
fn decimals_polyploids_and_other_spellings_are_scaled_to_dosages() {
    let study = Study::simulate(33, 50, 200);
    let out = folder_of("scaled", &study);
    let mut random = Random::new(3);
    let dosages: Vec<Vec<f64>> = study
        .snps
        .iter()
        .map(|snp| {
            let one = |call: &Option<u8>| match call {
                None => f64::NAN,
                Some(x) => {
                    (4.0 * (f64::from(*x) + 0.2 * random.normal()).clamp(0.0, 2.0)).round() / 4.0
                }
            };
            snp.iter().map(one).collect()
        })
        .collect();
    let cell = |x: f64, factor: f64| {
        if x.is_nan() {
            String::new()
        } else {
            (x * factor).to_string()
        }
    };
    let header = format!("SNP,{}", iids(&study).join(","));
    let snps = |factor: f64| {
        let rows = dosages.iter().enumerate().map(|(j, snp)| {
            let cells: Vec<String> = snp.iter().map(|&x| cell(x, factor)).collect();
            format!("rs{j},{}", cells.join(","))
        });
        lines_of(std::iter::once(header.clone()).chain(rows))
    };
    let individuals = |factor: f64| {
        let names: Vec<String> = (0..200).map(|j| format!("rs{j}")).collect();
        let rows = iids(&study).into_iter().enumerate().map(|(i, iid)| {
            let cells: Vec<String> = dosages.iter().map(|snp| cell(snp[i], factor)).collect();
            format!("{iid}\t{}", cells.join("\t"))
        });
        lines_of(std::iter::once(format!("<Numeric>\n<Marker>\t{}", names.join("\t"))).chain(rows))
    };
    for (name, text) in [
        ("two.csv", snps(1.0)),
        ("four.csv", snps(2.0)),
        ("one.txt", individuals(0.5)),
        ("tens.csv", snps(10.0)),
    ] {
        write(&out, name, text);
    }
    let bimbam = lines_of(dosages.iter().enumerate().map(|(j, snp)| {
        let cells: Vec<String> = snp.iter().map(|&x| cell(x, 1.0)).collect();
        let cells = cells.join(" ").replace("  ", " NA ");
        let cells = format!(" {cells} ").replace("  ", " NA ");
        format!("rs{j} NA NA {}", cells.trim())
    }));
    let bimbam = bimbam.replace("  ", " NA ");
    write(&out, "d.txt", bimbam);
    let ids = "-p ids.p.txt -n 2";
    let expected = table(&out, "-g d.txt -p p.txt");
    assert!(expected.rows.len() > 100);
    for words in ["two.csv", "four.csv --ploidy 4", "one.txt --ploidy 1"] {
        assert!(
            table(&out, &format!("--numeric {words} {ids}")) == expected,
            "{words}"
        );
    }
    // Any numbers: the same tests, another unit, and no filter of allele frequencies.
    let all = table(&out, "-g d.txt -p p.txt -notsnp");
    let words = format!("--numeric tens.csv --no-dosage-range {ids}");
    let tens = table(&out, &words);
    assert_eq!(tens.texts("rs"), all.texts("rs"));
    for (name, factor) in [("beta", 0.1), ("se", 0.1), ("p_wald", 1.0)] {
        let scaled: Vec<f64> = all.numbers(name).iter().map(|x| x * factor).collect();
        let worst = largest_difference(&scaled, &tens.numbers(name));
        assert!(worst < 1e-6, "{name}: {worst:e}");
    }
    // Frequencies have three decimals.
    for (a, b) in all.numbers("af").iter().zip(tens.numbers("af")) {
        assert!((10.0 * a - b).abs() < 10.0 * 5e-4 + 5e-4 + 1e-9, "{a} {b}");
    }
    let run = jamma_in(&out, &format!("lmm -outdir . -o r {words}")).ok();
    assert!(
        run.stderr.contains("-maf and -hwe are off"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_run_says_which_snps_the_map_does_not_list() {
    let study = Study::simulate(34, 30, 60);
    let out = folder_of("unlisted", &study);
    write(
        &out,
        "map.csv",
        snp_map(&study).replacen("rs7,", "rs7b,", 1),
    );
    for matrix in ["individuals.csv", "snps.tsv", "hapmap.txt"] {
        let words =
            format!("lmm --numeric {matrix} --snp-map map.csv -p ids.p.txt -n 2 -outdir . -o r");
        let run = jamma_in(&out, &words).ok();
        let note = format!("map.csv: 1 of 60 SNPs of {matrix} are not listed");
        assert!(run.stderr.contains(&note), "{}", run.stderr);
    }
    write(
        &out,
        "id.csv",
        snp_rows(&study).replacen("chr\tpos\tid", "chr\tpos\tmarker", 1),
    );
    jamma_in(
        &out,
        "lmm --numeric id.csv -p ids.p.txt -n 2 -loco 1 -outdir . -silence -o x",
    );
}
