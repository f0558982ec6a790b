//! Wrong matrices, maps and options: one clear error each.

use super::{folder_of, hapmap, individual_rows, snp_rows, write};
use crate::common::jamma_in;
use crate::simulate::Study;

#[test]
fn wrong_matrices_and_options_are_errors_with_a_cure() {
    let study = Study::simulate(41, 12, 40);
    let out = folder_of("rejected", &study);
    let snps = snp_rows(&study);
    let with = |name: &str, from: &str, to: &str| write(&out, name, snps.replacen(from, to, 1));
    with("four.txt", "\trs3\tA\tC\t", "\trs3\tA\tC\t4");
    with("word.txt", "\trs3\tA\tC\t", "\trs3\tA\tC\tx");
    with("wide.txt", "\trs3\tA\tC\t", "\trs3\tA\tC\t1\t");
    with("id.txt", "chr\tpos\tid\tallele1\tallele0", "id\tb\tc\td\te");
    with("pos.txt", "1\t400\t", "1\t4e2\t");
    with("twice.txt", "I3\t", "I4\t");
    write(
        &out,
        "rows.csv",
        individual_rows(&study) + individual_rows(&study).lines().nth(1).unwrap(),
    );
    write(
        &out,
        "third.txt",
        hapmap(&study).replacen(
            "C/A\t1\t400\t+\tNA\tNA\tNA\tNA\tNA\tNA\t",
            "C/A\t1\t400\t+\tNA\tNA\tNA\tNA\tNA\tNA\tT",
            1,
        ),
    );
    write(&out, "map.txt", "rs1 1 5\n");
    for (words, status, parts) in [
        (
            "four.txt",
            1,
            &[
                "four.txt:5: the value of individual I0 at SNP rs3",
                "--ploidy",
            ][..],
        ),
        ("word.txt", 1, &["word.txt:5", "write NA"]),
        ("word.txt --no-dosage-range", 1, &["word.txt:5", "write NA"]),
        (
            "wide.txt",
            1,
            &["wide.txt:5: the row has 18 cells, but the header has 17"],
        ),
        (
            "id.txt",
            1,
            &[
                "does not say whether rows are individuals or SNPs",
                "name the first column IID",
            ],
        ),
        (
            "pos.txt",
            1,
            &["pos.txt:5: the position of SNP rs3 is \"4e2\""],
        ),
        ("twice.txt", 1, &["duplicate individual I4"]),
        (
            "rows.csv",
            1,
            &["rows.csv:14: duplicate individual F0 I0, first on line 2"],
        ),
        (
            "third.txt",
            1,
            &["third.txt:5: the call of individual I0 at SNP rs3 is \"T"],
        ),
        ("g.txt", 1, &["does not say"]),
        ("s.bed", 1, &["PLINK .bed"]),
        ("nothing.csv", 1, &["nothing.csv: cannot open"]),
        (
            "snps.tsv --snp-map map.txt",
            1,
            &["map.txt:1: the header", "name the columns"],
        ),
        ("snps.tsv --ploidy 4 --no-dosage-range", 2, &["--ploidy"]),
        ("snps.tsv -a a.txt", 2, &["-a", "belongs to -g"]),
    ] {
        let words = format!("lmm --numeric {words} -p ids.p.txt -n 2 -outdir . -o x");
        let run = jamma_in(&out, &words);
        assert_eq!(run.status, status, "{words}: {}", run.stderr);
        for part in parts {
            assert!(
                run.stderr.contains(part),
                "{words}: {part:?} is not in {}",
                run.stderr
            );
        }
        assert!(!out.join("x.assoc.txt").exists(), "{words}");
    }
    let run = jamma_in(&out, "lmm --numeric snps.tsv -outdir . -o x");
    assert_eq!(run.status, 1);
    assert!(
        run.stderr.contains("come without phenotypes"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_matrix_in_memory_is_part_of_the_memory_plan() {
    let study = Study::simulate(42, 50, 40);
    let out = folder_of("memory", &study);
    let rows: Vec<String> = (0..50)
        .map(|i| format!("I{i}\t{}\n", vec!["0.5\t1.25"; 20_000].join("\t")))
        .collect();
    let rows = rows.concat();
    let names: Vec<String> = (0..40_000).map(|j| format!("s{j}")).collect();
    write(
        &out,
        "large.txt",
        format!("IID\t{}\n{rows}", names.join("\t")),
    );
    let words =
        "lmm --numeric large.txt -p ids.p.txt -n 2 -notsnp -outdir . -o x --threads 1 --memory";
    // 50 individuals × 40,000 SNPs × 8 bytes are 16 MB, besides 48 MiB of the program.
    let run = jamma_in(&out, &format!("{words} 0.06"));
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert!(run.stderr.contains("memory"), "{}", run.stderr);
}
