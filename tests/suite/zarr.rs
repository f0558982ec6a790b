//! VCF Zarr stores: the same data as PLINK files, dosages, and damaged stores.

use super::common::{Run, jamma_command};
use super::simulate::Study;
use jamma::genotype::{Encoding, Subset};
use jamma::sources::{GenotypeFiles, GenotypeSource, HardCalls, VcfField};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// SNPs in a chunk.
const CHUNK: usize = 7;

/// Writes an uncompressed array of format 2 whose chunks span `CHUNK` entries of dimension 0.
fn write_array(
    store: &Path,
    name: &str,
    dtype: &str,
    shape: &[usize],
    elements: &[Vec<u8>],
    padding: &[u8],
) {
    let folder = store.join(name);
    fs::create_dir_all(&folder).unwrap();
    let filters = if dtype == "|O" {
        r#"[{"id": "vlen-utf8"}]"#
    } else {
        "null"
    };
    let mut chunks = shape.to_vec();
    chunks[0] = CHUNK;
    let fill = if dtype == "|O" { "\"\"" } else { "null" };
    let metadata = format!(
        r#"{{"shape": {shape:?}, "chunks": {chunks:?}, "dtype": "{dtype}", "fill_value": {fill}, "order": "C",
            "filters": {filters}, "dimension_separator": ".", "compressor": null, "zarr_format": 2}}"#
    );
    fs::write(folder.join(".zarray"), metadata).unwrap();
    let in_chunk: usize = chunks.iter().product();
    let per_row: usize = shape[1..].iter().product();
    for (chunk, elements) in elements.chunks(CHUNK * per_row).enumerate() {
        let mut bytes = Vec::new();
        if dtype == "|O" {
            bytes.extend((in_chunk as u32).to_le_bytes());
        }
        let padding = std::iter::repeat_n(padding, in_chunk - elements.len());
        for element in elements.iter().map(Vec::as_slice).chain(padding) {
            if dtype == "|O" {
                bytes.extend((element.len() as u32).to_le_bytes());
            }
            bytes.extend(element);
        }
        let mut key = vec!["0"; shape.len()];
        let first = chunk.to_string();
        key[0] = &first;
        fs::write(folder.join(key.join(".")), bytes).unwrap();
    }
}

fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<Vec<u8>> {
    texts
        .into_iter()
        .map(|text| text.as_bytes().to_vec())
        .collect()
}

/// The study `s` in PLINK files and as `s.vcz`, with names of individuals as in the `.fam`.
pub fn write(folder: &Path, study: &Study) -> PathBuf {
    study.write(folder, "s");
    let bim = fs::read_to_string(folder.join("s.bim")).unwrap();
    let records: Vec<Vec<&str>> = bim
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    let store = folder.join("s.vcz");
    fs::create_dir_all(&store).unwrap();
    fs::write(store.join(".zgroup"), r#"{"zarr_format": 2}"#).unwrap();
    let (n, p) = (study.individuals.len(), study.snps.len());
    let names = study.individuals.iter().map(|(_, iid)| iid.as_str());
    write_array(&store, "sample_id", "|O", &[n], &texts(names), b"");
    let mut contigs: Vec<&str> = records.iter().map(|record| record[0]).collect();
    contigs.dedup();
    let contig = |name| contigs.iter().position(|contig| *contig == name).unwrap() as u8;
    write_array(
        &store,
        "contig_id",
        "|O",
        &[contigs.len()],
        &texts(contigs.iter().copied()),
        b"",
    );
    let of_snps: Vec<Vec<u8>> = records
        .iter()
        .map(|record| vec![contig(record[0])])
        .collect();
    write_array(&store, "variant_contig", "|i1", &[p], &of_snps, &[0]);
    let positions = records
        .iter()
        .map(|record| record[3].parse::<i32>().unwrap());
    let positions: Vec<Vec<u8>> = positions.map(|ps| ps.to_le_bytes().to_vec()).collect();
    write_array(&store, "variant_position", "<i4", &[p], &positions, &[0; 4]);
    let ids = records.iter().map(|record| record[1]);
    write_array(&store, "variant_id", "|O", &[p], &texts(ids), b"");
    // REF is allele0, ALT allele1.
    let alleles = records.iter().flat_map(|record| [record[5], record[4]]);
    write_array(
        &store,
        "variant_allele",
        "|O",
        &[p, 2],
        &texts(alleles),
        b"",
    );
    let calls = study.snps.iter().flatten().flat_map(|call| match call {
        Some(copies) => [u8::from(*copies == 2), u8::from(*copies >= 1)],
        None => [255, 255],
    });
    let calls: Vec<Vec<u8>> = calls.map(|allele| vec![allele]).collect();
    write_array(&store, "call_genotype", "|i1", &[p, n, 2], &calls, &[0]);
    let dosages = study.snps.iter().flatten();
    let dosages = dosages.map(|call| call.map_or(f32::NAN, |copies| f32::from(copies) * 0.96875));
    let dosages: Vec<Vec<u8>> = dosages
        .map(|dosage| dosage.to_le_bytes().to_vec())
        .collect();
    write_array(&store, "call_DS", "<f4", &[p, n, 1], &dosages, &[0; 4]);
    store
}

fn open(
    store: &Path,
    dosages: Option<VcfField>,
    hard_calls: Option<HardCalls>,
) -> jamma::error::Result<Arc<dyn GenotypeSource>> {
    let files = GenotypeFiles::Zarr {
        store: store.to_path_buf(),
        dosages,
        hard_calls,
    };
    files.open().map(|open| open.source)
}

fn run(folder: &Path, arguments: &[&str]) -> Run {
    Run::new(&jamma_command(folder).args(arguments).output().unwrap())
}

#[test]
fn hard_calls_give_the_bytes_of_the_plink_files() {
    let folder = tempfile::tempdir().unwrap();
    let study = Study::simulate(3, 43, 60);
    write(folder.path(), &study);
    fs::write(folder.path().join("p.txt"), study.phenotype.join("\n")).unwrap();
    for mode in ["1", "4"] {
        let of_bed = run(
            folder.path(),
            &[
                "-bfile", "s", "-lmm", mode, "-p", "p.txt", "-o", "bed", "-outdir", ".",
            ],
        );
        let of_zarr = run(
            folder.path(),
            &[
                "--zarr", "s.vcz", "-lmm", mode, "-p", "p.txt", "-o", "zarr", "-outdir", ".",
            ],
        );
        of_bed.ok();
        of_zarr.ok();
        let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
        assert_eq!(read("bed.assoc.txt"), read("zarr.assoc.txt"));
    }
}

#[test]
fn dosages_become_hard_calls_within_the_threshold() {
    let folder = tempfile::tempdir().unwrap();
    let study = Study::simulate(4, 9, 20);
    let store = write(folder.path(), &study);
    let calls = open(&store, None, None).unwrap();
    let dosages = open(&store, Some(VcfField::Ds), None).unwrap();
    assert_eq!(
        (calls.encoding(), dosages.encoding()),
        (Encoding::Packed, Encoding::Dosage)
    );
    let near = open(&store, Some(VcfField::Ds), Some(HardCalls(0.1))).unwrap();
    let everybody = Subset::everybody(9);
    for block_snps in [1, 5, 7, 100] {
        let mut readers =
            [&calls, &dosages, &near].map(|source| source.blocks(3..19, block_snps).unwrap());
        while let Some(called) = readers[0].next_block() {
            let called = called.unwrap();
            let [dosage, near] = [1, 2].map(|i| readers[i].next_block().unwrap().unwrap());
            for snp_index in called.snp_indices() {
                let of = |block: &jamma::genotype::GenotypeBlock| {
                    let mut x = [0.0; 9];
                    block.fill_column(snp_index, &everybody, -1.0, &mut x);
                    x
                };
                assert_eq!(of(&called), of(&near));
                let scaled = of(&called).map(|x| if x == -1.0 { x } else { x * 0.96875 });
                assert_eq!(of(&dosage), scaled);
                assert_eq!(
                    called.record(snp_index).rs,
                    calls.snps().unwrap().get(snp_index).rs
                );
            }
        }
    }
}

#[test]
fn damaged_stores_are_errors_that_name_the_array() {
    let folder = tempfile::tempdir().unwrap();
    let study = Study::simulate(5, 8, 20);
    let read_all = |store: &Path| -> jamma::error::Result<()> {
        let source = open(store, None, None)?;
        let mut blocks = source.blocks(0..usize::MAX, 6)?;
        while let Some(block) = blocks.next_block() {
            block?;
        }
        Ok(())
    };
    let store = write(folder.path(), &study);
    read_all(&store).unwrap();
    let fails = |text: &str| {
        let error = read_all(&store).unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
        write(folder.path(), &study);
    };
    let chunk = |name: &str| store.join(name);
    fs::remove_file(chunk("variant_position/1")).unwrap();
    fails("variant_position: 1 of 3 chunks are absent");
    fs::write(chunk("call_genotype/1.0.0"), [0; 5]).unwrap();
    fails("call_genotype: rows 8 to 14 cannot be read");
    let mut bytes = fs::read(chunk("call_genotype/2.0.0")).unwrap();
    bytes[17] = 3;
    fs::write(chunk("call_genotype/2.0.0"), bytes).unwrap();
    fails("call_genotype: SNP 16, individual 1: allele 3, but the SNP has 2");
    fs::write(chunk("variant_contig/0"), [9; CHUNK]).unwrap();
    fails("variant_contig: SNP 1 is on contig 9");
    fs::remove_dir_all(chunk("call_genotype")).unwrap();
    fails("the store has no array `call_genotype`");
    fs::remove_file(chunk(".zgroup")).unwrap();
    fails("not a Zarr store");
    // A store does not write chunks of zeros, so this one may be complete.
    fs::remove_file(chunk("call_genotype/0.0.0")).unwrap();
    let files = GenotypeFiles::Zarr {
        store: store.clone(),
        dosages: None,
        hard_calls: None,
    };
    let notes = files.open().unwrap().notes;
    assert!(notes[0].contains("1 of 3 chunks are absent"), "{notes:?}");
}

#[test]
fn the_files_of_a_store_are_inputs() {
    let folder = tempfile::tempdir().unwrap();
    let store = write(folder.path(), &Study::simulate(6, 8, 20));
    let source = open(&store, None, None).unwrap();
    let files = source.files();
    assert!(files.contains(&store.join("call_genotype/1.0.0")));
    assert!(files.iter().all(|path| path.is_file()));
    fs::hard_link(
        store.join("call_genotype/1.0.0"),
        folder.path().join("x.log.txt"),
    )
    .unwrap();
    let words = ["gk", "--zarr", "s.vcz", "-o", "x", "-outdir", "."];
    let run = run(folder.path(), &words);
    assert!(
        run.stderr.contains("the run would overwrite this file")
            && run.stderr.contains("call_genotype/1.0.0"),
        "{}",
        run.stderr
    );
}
