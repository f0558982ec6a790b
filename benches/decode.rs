//! The rate at which each source decodes genotypes: `cargo bench --bench decode -- bed:PREFIX pgen:PREFIX bgen:FILE vcf:FILE
//! vcf-ds:FILE bimbam:FILE numeric:FILE zarr:DIRECTORY`.
//!
//! Every source is read from its first to its last SNP in blocks of 4,096, as a run reads it: ahead, and on all threads. The
//! files take turns. Printed are medians of wall-clock and processor seconds, and SNPs and megabytes of file per wall-clock
//! second. A file is read once before it is timed, so that it comes from the page cache. `benches/sources.py` makes the files.

use jamma::sources::{BgenReference, GenotypeFiles, GenotypeSource, NumericValues, VcfField};
use std::path::{Path, PathBuf};
use std::time::Instant;

const RUNS: usize = 5;
const BLOCK_SNPS: usize = 4096;

fn files(format: &str, path: PathBuf) -> Option<GenotypeFiles> {
    Some(match format {
        "bed" => GenotypeFiles::Plink(path),
        "pgen" => GenotypeFiles::Pgen {
            prefix: path,
            hard_calls: None,
        },
        "bgen" => GenotypeFiles::Bgen {
            bgen: path,
            sample: None,
            reference: BgenReference::First,
            hard_calls: None,
        },
        "vcf" | "vcf-ds" => GenotypeFiles::Vcf {
            vcf: path,
            dosages: (format == "vcf-ds").then_some(VcfField::Ds),
            hard_calls: None,
        },
        "bimbam" => GenotypeFiles::Bimbam {
            genotypes: path,
            annotation: None,
        },
        "numeric" => GenotypeFiles::Numeric {
            matrix: path,
            snp_map: None,
            values: NumericValues::Dosages { ploidy: 2 },
        },
        "zarr" => GenotypeFiles::Zarr {
            store: path,
            dosages: None,
            hard_calls: None,
        },
        _ => return None,
    })
}

/// The size of a file, or of all files below a directory.
fn size(path: &Path) -> u64 {
    let Ok(metadata) = path.metadata() else {
        return 0;
    };
    if metadata.is_dir() {
        let entries = path.read_dir().expect("a directory that can be read");
        return entries.flatten().map(|entry| size(&entry.path())).sum();
    }
    metadata.len()
}

/// Processor seconds of this process so far: user and system.
fn processor_seconds() -> f64 {
    // Fields 14 and 15 of proc(5), in hundredths of a second.
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    let fields = after_name.split(' ').skip(11).take(2);
    fields
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}

/// Reads all SNPs; returns their number.
fn read(source: &dyn GenotypeSource) -> usize {
    let mut blocks = source
        .blocks(0..usize::MAX, BLOCK_SNPS)
        .expect("a source that can be read");
    let mut n_snps = 0;
    while let Some(block) = blocks.next_block() {
        let block = block.expect("an undamaged block");
        n_snps += block.len();
        blocks.recycle(block);
    }
    n_snps
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[allow(clippy::print_stdout, reason = "it prints its measurements")]
fn main() {
    // `cargo bench` passes `--bench` on.
    let named: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    if named.is_empty() {
        println!("usage: cargo bench --bench decode -- FORMAT:PATH...");
        return;
    }
    let sources: Vec<_> = named
        .iter()
        .map(|word| {
            let (format, path) = word.split_once(':').expect("FORMAT:PATH");
            let files = files(format, path.into()).expect("a known format");
            let open = files.open().expect("files that can be opened");
            let bytes: u64 = files.paths().iter().map(|path| size(path)).sum();
            (format, open.source, bytes)
        })
        .collect();
    let n_snps: Vec<usize> = sources
        .iter()
        .map(|(_, source, _)| read(&**source))
        .collect();
    let mut times = vec![(Vec::new(), Vec::new()); sources.len()];
    for _ in 0..RUNS {
        for ((_, source, _), (wall, processor)) in sources.iter().zip(&mut times) {
            let (began, before) = (Instant::now(), processor_seconds());
            read(&**source);
            wall.push(began.elapsed().as_secs_f64());
            processor.push(processor_seconds() - before);
        }
    }
    println!("| source | individuals | SNPs | file, MB | wall, s | processor, s | SNPs/s | MB/s |");
    println!("|---|---|---|---|---|---|---|---|");
    for (((format, source, bytes), p), (wall, processor)) in sources.iter().zip(n_snps).zip(times) {
        let (n, megabytes) = (source.individuals().len(), *bytes as f64 / 1e6);
        let (wall, processor) = (median(wall), median(processor));
        println!(
            "| {format} | {n} | {p} | {megabytes:.0} | {wall:.3} | {processor:.2} | {:.0} | {:.0} |",
            p as f64 / wall,
            megabytes / wall
        );
    }
}
