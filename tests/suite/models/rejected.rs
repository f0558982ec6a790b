//! What `--model` refuses: dosages, and options with which it makes no sense.

use super::bench;
#[cfg(feature = "vcf")]
use std::fmt::Write;

#[test]
fn dosages_are_refused_and_hard_calls_of_dosages_are_not() {
    let (study, bench) = bench();
    let text = |x: &Option<u8>| x.map_or("NA".into(), |x| x.to_string());
    let bimbam = study.snps.iter().enumerate().map(|(s, snp)| {
        let cells: Vec<String> = snp.iter().map(text).collect();
        format!("rs{s}, A, C, {}\n", cells.join(", "))
    });
    bench.write("g.txt", bimbam.collect::<String>());
    bench.write("y.txt", study.phenotype.join("\n") + "\n");
    for command in ["lmm -k k.cXX.txt", "lm"] {
        for model in ["dominant", "recessive", "overdominant", "genotypic"] {
            let found = bench.rejected(&format!("{command} -g g.txt -p y.txt --model {model}"));
            let text = "error: --model: the genotypes are dosages";
            assert!(found.starts_with(text), "{found}");
            assert!(
                found.contains("hint: give hard calls in another format"),
                "{found}"
            );
        }
        bench.run(&format!(
            "{command} -g g.txt -p y.txt --model additive -o g"
        ));
    }
}

#[cfg(feature = "vcf")]
#[test]
fn dosages_of_a_vcf_are_refused_unless_they_are_called() {
    let (study, bench) = bench();
    let mut vcf = "##fileformat=VCFv4.3\n##contig=<ID=1>\n\
        ##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">\n\
        ##FORMAT=<ID=DS,Number=A,Type=Float,Description=\"d\">\n\
        #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"
        .to_owned();
    for (_, iid) in &study.individuals {
        write!(vcf, "\t{iid}").unwrap();
    }
    for (s, snp) in study.snps.iter().enumerate() {
        write!(
            vcf,
            "\n1\t{}\trs{s}\tC\tA\t.\tPASS\t.\tGT:DS",
            100 * (s + 1)
        )
        .unwrap();
        for x in snp {
            vcf += match x {
                Some(0) => "\t0/0:0.0625",
                Some(1) => "\t0/1:1",
                Some(_) => "\t1/1:1.9375",
                None => "\t./.:.",
            };
        }
    }
    bench.write("s.vcf", vcf + "\n");
    bench.write("y.txt", study.phenotype.join("\n") + "\n");
    let words = "lmm -k k.cXX.txt -vcf s.vcf -p y.txt --model genotypic -o v";
    let found = bench.rejected(&format!("{words} --dosage DS"));
    assert!(
        found.starts_with("error: --model: the genotypes are dosages")
            && found
                .contains("omit --dosage, turn dosages into hard calls with --hard-call-threshold"),
        "{found}"
    );
    bench.run("lmm -k k.cXX.txt -bfile s --model genotypic -o s");
    for more in ["", "--dosage DS --hard-call-threshold 0.1"] {
        bench.run(&format!("{words} {more}"));
        for column in ["beta_add", "se_dom", "p_wald"] {
            let [a, b] = ["v", "s"].map(|name| bench.assoc(name).texts(column));
            assert_eq!(a, b, "{more}");
        }
    }
}

#[test]
fn combinations_that_make_no_sense_are_refused_by_name() {
    let (_, bench) = bench();
    for (words, option) in [
        ("gk -bfile s --model dominant", "--model"),
        ("eigen -bfile s --model dominant", "--model"),
        ("-bfile s -gk 1 --model dominant", "--model"),
        ("lmm -bfile s -lmm 5 --model recessive", "--model"),
        ("lmm -bfile s --model multiplicative", "--model"),
        ("lmm -bfile s -gxe e.txt --model genotypic", "--model"),
        (
            "lmm -bfile s --interaction rs7 --model genotypic",
            "--model",
        ),
        (
            "lmm -bfile s --permutations 9 --model genotypic",
            "--permutations",
        ),
        (
            "lmm -bfile s --rotation f32 --model genotypic",
            "--rotation",
        ),
        ("lmm -bfile s --odds --model genotypic", "--odds"),
        ("lmm -bfile s --dominant", "--dominant"),
    ] {
        let found = bench.rejected(words);
        assert!(
            found.starts_with(&format!("error: {option}")) && found.contains("hint: "),
            "{words}: {found}"
        );
    }
    let found = bench.rejected("lmm -bfile s --genotypic");
    assert!(found.contains("use --model"), "{found}");
    // Both effects need a degree of freedom each.
    let few: String = (0..90)
        .map(|i| {
            if i % 30 == 1 {
                format!("{i}\n")
            } else {
                "NA\n".into()
            }
        })
        .collect();
    bench.write("few.txt", few);
    for command in ["lmm -k k.cXX.txt", "lm"] {
        let found = bench.rejected(&format!("{command} -bfile s -p few.txt --model genotypic"));
        assert!(
            found.contains("3 analysed") && found.contains("2 effects of a SNP"),
            "{found}"
        );
    }
}
