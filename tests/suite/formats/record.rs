//! `PREFIX.run.json`; tests/test_formats.py reads it with a parser.

use super::bench;

#[test]
fn every_run_has_a_record_with_its_inputs_options_and_outputs() {
    let bench = bench();
    bench.write("k.snps", "rs1\nrs2\nrs3\nrs4\n");
    for (words, parts) in [
        (
            "lmm -bfile s -lmm 4 -maf 0.1 -ksnps k.snps --output-format gemma,tsv.gz",
            vec![
                "\"analysis\": \"lmm\"",
                "\"maf\": 0.1",
                "\"output-format\": [\"gemma\", \"tsv.gz\"]",
                "\"path\": \"k.snps\"",
                "\"path\": \"s.bed\"",
                "\"null_model\": {",
                "\"checksum_of\": \"all bytes\"",
                "\"path\": \"output/r.assoc.tsv.gz\"",
                "\"ksnps\": \"k.snps\"",
                "\"tests\": [\"wald\", \"lrt\", \"score\"]",
                "\"intervals\": 10",
            ],
        ),
        (
            "lm -bfile s -lm 1",
            vec![
                "\"analysis\": \"lm\"",
                "\"name\": \"lm\"",
                "\"lambda\": null",
            ],
        ),
        (
            "gk -bfile s",
            vec![
                "\"analysis\": \"gk\"",
                "r.cXX.txt",
                "\"gk\": 1",
                "\"method\": null",
            ],
        ),
        (
            "lmm -bfile s -lmm 5",
            vec!["\"analysis\": \"lmm 5\"", "r.residU.txt"],
        ),
    ] {
        bench.run(&format!("{words} -o r"));
        let record = String::from_utf8(bench.bytes("r.run.json")).unwrap();
        for part in parts {
            assert!(record.contains(part), "{words}: {part}\n{record}");
        }
        assert!(record.starts_with("{\n  \"record\": 1,"), "{record}");
        assert!(record.ends_with("}\n"));
    }
}

#[test]
fn the_checksum_of_an_input_is_that_of_its_bytes() {
    let bench = bench();
    let checksum = || {
        bench.run("lmm -bfile s -o r");
        let record = String::from_utf8(bench.bytes("r.run.json")).unwrap();
        let at = record.find("\"path\": \"s.bim\"").unwrap();
        let line = record[at..]
            .lines()
            .find(|line| line.contains("\"checksum\""));
        line.unwrap().to_owned()
    };
    let first = checksum();
    assert_eq!(checksum(), first);
    let bim = std::fs::read_to_string(bench.file("s.bim")).unwrap();
    bench.write("s.bim", bim.replacen("rs7\t", "rs07\t", 1));
    assert_ne!(checksum(), first);
}

#[test]
fn the_checksum_of_an_output_is_that_of_its_bytes() {
    let bench = bench();
    bench.run("gk -bfile s -o r");
    let record = String::from_utf8(bench.bytes("r.run.json")).unwrap();
    let (_, outputs) = record.split_once("\"outputs\": [").unwrap();
    let at = outputs.find("r.cXX.txt\"").unwrap();
    let of_matrix = &outputs[at..];
    let bytes = bench.bytes("r.cXX.txt").len();
    assert!(
        of_matrix.contains(&format!("\"bytes\": {bytes}")),
        "{outputs}"
    );
    // The same bytes as an input of another run have the same checksum.
    let line = |text: &str| -> String {
        let line = text.lines().find(|line| line.contains("\"checksum\""));
        line.unwrap().trim().to_owned()
    };
    let of_output = line(of_matrix);
    bench.run("lmm -bfile s -k output/r.cXX.txt -o q");
    let record = String::from_utf8(bench.bytes("q.run.json")).unwrap();
    let (_, inputs) = record.split_once("\"inputs\": [").unwrap();
    let at = inputs.find("\"path\": \"output/r.cXX.txt\"").unwrap();
    assert_eq!(line(&inputs[at..]), of_output);
}
