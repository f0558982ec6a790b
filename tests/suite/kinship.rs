//! Kinships compared with exact fractions (`reference/kinship/`): every printed entry is right to within 0.51 units of
//! its tenth
//! digit, and 0 is printed as 0.

use super::common::{jamma_in, root};
use std::path::Path;

const STUDIES: [(&str, &str); 5] = [
    ("arrays", "-maf 0.01"),
    ("few", "-maf 0.01"),
    ("inbred", "-maf 0.01"),
    ("rare", "-maf 0.01"),
    ("tiny", "-maf 0.49 -hwe 0.001"),
];

fn read(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap();
    let cells = |line: &str| line.split_whitespace().map(str::to_owned).collect();
    text.lines().map(cells).collect()
}

/// Difference between a printed number and `exact` in units of the tenth digit; infinite if 0 is not printed as 0.
fn units(printed: &str, exact: &str) -> f64 {
    if exact == "0" || printed == "0" {
        return if exact == printed { 0.0 } else { f64::INFINITY };
    }
    let (_, exponent) = exact.split_once('e').expect("%.14e");
    let unit = format!("1e{}", exponent.parse::<i32>().unwrap() - 9);
    let [printed, exact, unit] = [printed, exact, &unit].map(|text| text.parse::<f64>().unwrap());
    (printed - exact).abs() / unit
}

#[test]
fn every_entry_is_right_to_within_half_a_unit_of_its_tenth_digit() {
    let folder = tempfile::tempdir().unwrap();
    let reference = root().join("reference/kinship");
    for (study, filter) in STUDIES {
        for (kind, option, suffix) in [("centred", 1, "cXX"), ("standardised", 2, "sXX")] {
            let exact = read(&reference.join(format!("{study}.{kind}.txt")));
            let mut printed = Vec::new();
            for (run, threads) in ["--threads 1 --block-snps 7", "--threads 2"]
                .iter()
                .enumerate()
            {
                let name = format!("{study}{run}");
                jamma_in(
                    &reference,
                    &format!(
                        "-bfile {study} -gk {option} -miss 1 {filter} {threads} -o {name} -outdir {} -silence",
                        folder.path().display()
                    ),
                )
                .ok();
                printed.push(read(&folder.path().join(format!("{name}.{suffix}.txt"))));
            }
            assert!(printed[0] == printed[1], "{study}, {kind}: the same digits");
            let printed = &printed[0];
            assert_eq!(printed.len(), exact.len());
            for (i, row) in exact.iter().enumerate() {
                for (j, exact) in row.iter().enumerate() {
                    let found = &printed[i][j];
                    assert_eq!(*found, printed[j][i], "{study}, {kind}: symmetric");
                    assert!(
                        units(found, exact) <= 0.51,
                        "{study}, {kind} ({i}, {j}): {found} for {exact}"
                    );
                }
            }
        }
    }
}
