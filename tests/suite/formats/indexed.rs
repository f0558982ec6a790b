//! `bgz`: the index finds the rows of every range, and there is none for unsorted SNPs.

use super::{ALL, bench, bim, text};
use crate::common::Table;
use crate::properties::Bench;
use crate::simulate::lines_of;
use std::process::Command;

/// The rows of the table with a position in a range.
fn expected(table: &Table, chr: &str, from: i64, to: i64) -> Vec<String> {
    let is_within = |row: &&Vec<String>| {
        let ps: i64 = row[2].parse().unwrap();
        row[0] == chr && (from..=to).contains(&ps)
    };
    table
        .rows
        .iter()
        .filter(is_within)
        .map(|row| row.join("\t"))
        .collect()
}

/// What `tabix` finds; `None` if it is not installed.
fn tabix(bench: &Bench, name: &str, region: &str) -> Option<Vec<String>> {
    let mut command = Command::new("tabix");
    command.arg(bench.output(name)).arg(region);
    let output = command.output().ok()?;
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.lines().map(str::to_owned).collect())
}

/// The rows that noodles finds with a `.tbi` or `.csi` index.
#[cfg(feature = "vcf")]
fn found_by_noodles<I>(
    bench: &Bench,
    name: &str,
    index: &I,
    of: [&str; 1],
    range: [i64; 2],
) -> Vec<String>
where
    I: noodles::csi::BinningIndex,
{
    use noodles::core::Position;
    use std::io::BufRead;
    let header = index.header().unwrap();
    let [chr] = of;
    let Some(id) = header
        .reference_sequence_names()
        .get_index_of(chr.as_bytes())
    else {
        return Vec::new();
    };
    let position = |ps: i64| Position::try_from(usize::try_from(ps).unwrap()).unwrap();
    let interval = (position(range[0])..=position(range[1])).into();
    let chunks = index.query(id, interval).unwrap();
    let file = std::fs::File::open(bench.output(name)).unwrap();
    let mut reader = noodles::bgzf::io::Reader::new(file);
    let mut rows = Vec::new();
    for chunk in chunks {
        reader.seek(chunk.start()).unwrap();
        while reader.virtual_position() < chunk.end() {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap() == 0 {
                break;
            }
            let row = line.trim_end().to_owned();
            let cells: Vec<&str> = row.split('\t').collect();
            let ps: i64 = cells[2].parse().unwrap();
            if cells[0] == chr && (range[0]..=range[1]).contains(&ps) {
                rows.push(row);
            }
        }
    }
    rows
}

const RANGES: [(&str, i64, i64); 7] = [
    ("1", 1, 3_999_999),
    ("1", 40_000, 40_000),
    ("1", 1_000_001, 1_600_000),
    ("2", 39_999, 80_001),
    ("X", 3_960_000, 9_000_000),
    ("X", 1, 39_999),
    ("2", 4_000_000, 4_000_000),
];

fn assert_found(bench: &Bench, scale: i64, extension: &str) {
    bench.run("lmm -bfile s -notsnp --output-format gemma,bgz -o r");
    let table = bench.assoc("r");
    let plain = std::fs::read_to_string(bench.output("r.assoc.txt")).unwrap();
    assert_eq!(text(bench, "r.assoc.tsv.bgz"), plain);
    let index = bench.output(&format!("r.assoc.tsv.bgz.{extension}"));
    assert!(index.exists());
    for (chr, from, to) in RANGES {
        let [from, to] = [(from - 1) * scale + 1, to * scale];
        let expected = expected(&table, chr, from, to);
        if let Some(found) = tabix(bench, "r.assoc.tsv.bgz", &format!("{chr}:{from}-{to}")) {
            assert_eq!(found, expected, "{chr}:{from}-{to}");
        }
        #[cfg(feature = "vcf")]
        {
            let name = "r.assoc.tsv.bgz";
            let found = if extension == "tbi" {
                let index = noodles::tabix::fs::read(&index).unwrap();
                found_by_noodles(bench, name, &index, [chr], [from, to])
            } else {
                let index = noodles::csi::fs::read(&index).unwrap();
                found_by_noodles(bench, name, &index, [chr], [from, to])
            };
            assert_eq!(found, expected, "{chr}:{from}-{to}");
        }
    }
}

#[test]
fn the_index_finds_the_rows_of_every_range() {
    assert_found(&bench(), 1, "tbi");
}

#[test]
fn positions_above_two_to_the_29_have_another_index_that_replaces_the_older_one() {
    let bench = bench();
    bench.run("lmm -bfile s --output-format bgz -o r");
    assert!(bench.output("r.assoc.tsv.bgz.tbi").exists());
    bench.write(
        "s.bim",
        bim(&["1", "2", "X"], |j| 40_000 * 200 * (j as u64 + 1)),
    );
    assert_found(&bench, 200, "csi");
    assert!(!bench.output("r.assoc.tsv.bgz.tbi").exists());
}

#[test]
fn unsorted_snps_are_rejected_before_anything_is_written() {
    let bench = bench();
    for (bim, what) in [
        (
            bim(&["1", "2", "1"], |j| j as u64 + 1),
            "chromosome 1 continues after chromosome 2",
        ),
        (
            bim(&["1", "2", "X"], |j| 1000 - j as u64),
            "on chromosome 1, position 999 comes after 1000",
        ),
    ] {
        bench.write("s.bim", bim);
        let said = bench.rejected(&format!("lmm -bfile s --output-format {ALL} -o r"));
        assert!(said.contains(what) && said.contains("bgz"), "{said}");
        assert!(!bench.output("").exists());
        // The other formats have the order of the source.
        bench.run("lmm -bfile s --output-format gemma,tsv.gz -o r");
        let _ = std::fs::remove_dir_all(bench.output(""));
    }
    // Only the SNPs that are tested must be in order.
    bench.write("s.bim", bim(&["1", "2", "1"], |j| j as u64 + 1));
    bench.run("lmm -bfile s --chr 2 --output-format bgz -o r");
    assert!(bench.output("r.assoc.tsv.bgz.tbi").exists());
}

#[test]
fn snps_that_are_known_only_as_they_are_read_are_checked_then() {
    let bench = bench();
    let [order, sorted] = [[30, 10, 20].as_slice(), [10, 20, 30].as_slice()];
    for (positions, is_sorted) in [(sorted, true), (order, false)] {
        let line = |(k, ps): (usize, &i32)| {
            let calls = (0..80).map(|i| ["\t0/0", "\t0/1", "\t1/1"][(i * (k + 3) + i / 7) % 3]);
            format!(
                "1\t{ps}\trs{k}\tC\tA\t.\t.\t.\tGT{}\n",
                calls.collect::<String>()
            )
        };
        let ids = (0..80).map(|i| format!("\tI{i}"));
        let ids: String = ids.collect();
        let head = format!(
            "##fileformat=VCFv4.2\n##contig=<ID=1>\n##FORMAT=<ID=GT,Number=1,Type=String,Description=\"x\">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT{ids}\n"
        );
        let body: String = positions.iter().enumerate().map(line).collect();
        bench.write("v.vcf", head + &body);
        bench.write("y.txt", lines_of((0..80).map(|i| (i * i) % 13)));
        bench.write("k.txt", {
            let row = |i: usize| {
                let cells = (0..80).map(|j| if i == j { "1" } else { "0.1" });
                cells.collect::<Vec<_>>().join("\t") + "\n"
            };
            (0..80).map(row).collect::<String>()
        });
        let words = "lmm --vcf v.vcf -p y.txt -k k.txt -notsnp --output-format bgz -o v";
        if is_sorted {
            bench.run(words);
            assert!(bench.output("v.assoc.tsv.bgz.tbi").exists());
            std::fs::remove_dir_all(bench.output("")).unwrap();
        } else {
            let said = bench.rejected(words);
            assert!(said.contains("position 10 comes after 30"), "{said}");
            assert!(bench.outputs().is_empty(), "{:?}", bench.outputs());
        }
    }
}
