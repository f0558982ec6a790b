//! Checks that every source of genotypes must pass: any range in any blocks gives the same SNPs.
//!
//! A new source is one more line in [`every_source`].

use super::pgen::writer;
use super::simulate::{Random, Study};
use super::toys::text_source::TextSource;
use jamma::genotype::{
    ChromosomeModel, ChromosomeSet, Encoding, GenotypeBlock, Genotypes, Subset, XModel,
};
use jamma::io::bim::{Snp, SnpTable};
use jamma::io::fam::Individual;
use jamma::io::sex::Sex;
use jamma::sources::{
    BedSource, BimbamSource, EffectAlleleSource, GenotypeSource, MemorySource, NumericSource,
    NumericValues, PgenSource, PloidySource, SubsetSource,
};
#[cfg(feature = "bgen")]
use jamma::sources::{BgenOptions, BgenSource, HardCalls};
use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// A study in which every kind of call occurs, in files and in memory.
struct Fixture {
    study: Study,
    folder: TempDir,
}

impl Fixture {
    fn new(seed: u64, n: usize, p: usize) -> Self {
        let mut random = Random::new(seed);
        let mut call = || [Some(0), Some(1), Some(2), None][random.below(4)];
        let snps = (0..p).map(|_| (0..n).map(|_| call()).collect());
        let study = Study::of_genotypes(snps.collect());
        let folder = tempfile::tempdir().unwrap();
        study.write(folder.path(), "s");
        Self { study, folder }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn individuals(&self) -> Vec<Individual> {
        let ids = self.study.individuals.iter();
        ids.map(|(fid, iid)| Individual {
            fid: fid.as_str().into(),
            iid: iid.as_str().into(),
        })
        .collect()
    }

    fn bed(&self) -> BedSource {
        BedSource::open(&self.path("s")).unwrap()
    }

    #[cfg(feature = "cloud")]
    fn bed_at_url(&self) -> jamma::sources::BedUrlSource {
        // Files of its own: other sources write theirs again, which is noticed.
        self.study.write(self.folder.path(), "url");
        let url = format!("file://{}", self.path("url").display());
        let url = jamma::sources::PlinkUrl::parse(Path::new(&url)).unwrap();
        jamma::sources::BedUrlSource::open(&url.unwrap()).unwrap()
    }

    /// PLINK 2 files with record types chosen at random; with dosages, the last SNP has a track of missing dosages.
    fn pgen(&self, name: &str, has_dosages: bool) -> PgenSource {
        let mut file = writer::of_study(&self.study, &mut Random::new(2));
        let (kind, bytes) = file.records.last_mut().unwrap();
        if has_dosages {
            *kind |= 0x40;
            bytes.extend(writer::dosages(0x40, &vec![None; self.study.n()]));
        } else {
            file.has_short_types = self.study.n().is_multiple_of(2);
        }
        file.write(self.folder.path(), name);
        PgenSource::open(&self.path(name), None).unwrap()
    }

    fn dosages(&self) -> Vec<f64> {
        let calls = self.study.snps.iter().flatten();
        calls.map(|g| g.map_or(f64::NAN, f64::from)).collect()
    }

    /// The same study in memory.
    fn memory(&self, genotypes: Genotypes) -> MemorySource {
        let records = std::sync::Arc::clone(self.bed().snps().unwrap());
        MemorySource::new(self.individuals(), records, genotypes).unwrap()
    }

    fn packed(&self) -> Genotypes {
        let bed = std::fs::read(self.path("s.bed")).unwrap();
        Genotypes::Packed(bed[3..].to_vec())
    }

    fn text(&self) -> TextSource {
        self.text_of(&self.bed(), &self.study, "s.dosages.txt")
    }

    /// As text, with the other allele of every SNP counted.
    fn swapped_text(&self) -> TextSource {
        let swapped = self.study.with_swapped_alleles();
        self.text_of(&self.swapped(), &swapped, "swapped.dosages.txt")
    }

    fn text_of(&self, bed: &BedSource, study: &Study, name: &str) -> TextSource {
        let records = bed.snps().unwrap();
        let mut text = String::new();
        for (snp, calls) in records.iter().zip(&study.snps) {
            let Snp {
                chr,
                rs,
                ps,
                allele1,
                allele0,
            } = snp;
            write!(text, "{chr} {rs} {ps} {allele1} {allele0}").unwrap();
            for call in calls {
                match call {
                    Some(g) => write!(text, " {g}.0").unwrap(),
                    None => text.push_str(" NA"),
                }
            }
            text.push('\n');
        }
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        TextSource::open(&path, self.individuals()).unwrap()
    }

    /// The study as BGEN, in 8 and 16 bits by turns; dosages, or hard calls.
    #[cfg(feature = "bgen")]
    fn bgen(&self, hard_calls: Option<HardCalls>) -> BgenSource {
        use super::bgen::writer::{Compression, Names, Numbers, Writer, write_sample};
        let mut file = Writer::new(self.study.n(), Compression::Zlib);
        file.ids = None;
        for (snp, calls) in self.bed().snps().unwrap().iter().zip(&self.study.snps) {
            let i = file.n_snps();
            let names = Names {
                rsid: snp.rs.into(),
                chr: snp.chr.into(),
                ps: snp.ps as u32,
                alleles: vec![snp.allele0.into(), snp.allele1.into()],
                ..Names::number(i)
            };
            file.add(names, &Numbers::of_calls(calls, [8, 8, 16][i % 3]));
        }
        let (bgen, sample) = (self.path("s.bgen"), self.path("s.sample"));
        file.write(&bgen);
        let ids = self.study.individuals.iter();
        write_sample(&sample, ids.map(|(fid, iid)| (fid.as_str(), iid.as_str())));
        let options = BgenOptions {
            hard_calls,
            ..BgenOptions::default()
        };
        BgenSource::open(&bgen, Some(&sample), options).unwrap()
    }

    /// The individuals of this study among others, who are not selected.
    fn subset(&self) -> SubsetSource {
        let (n, mut larger) = (self.study.n(), self.study.clone());
        for (other, row) in [n, n / 2, 0].into_iter().enumerate() {
            let id = (format!("other{other}"), "x".into());
            larger.individuals.insert(row, id);
            larger.phenotype.insert(row, "1".into());
            for (snp, calls) in larger.snps.iter_mut().enumerate() {
                calls.insert(row, [Some(2), None, Some(1)][(snp + row) % 3]);
            }
        }
        larger.write(self.folder.path(), "larger");
        let source = BedSource::open(&self.path("larger")).unwrap();
        let is_of_study = |row: &usize| &*source.individuals()[*row].iid != "x";
        let rows = (0..n + 3).filter(is_of_study).collect();
        SubsetSource::new(Arc::new(source), rows)
    }

    /// `source`, in which the other allele of some SNPs is counted, with the alleles of this study.
    fn with_alleles(&self, source: Arc<dyn GenotypeSource>) -> EffectAlleleSource {
        let alleles = (0..self.study.snps.len()).map(|j| (format!("rs{j}").into(), "A".into()));
        let path = self.path("s.bim");
        EffectAlleleSource::new(source, alleles.collect(), &path, &mut Vec::new()).unwrap()
    }

    /// `source`, whose SNPs are all on an autosome of a species, so that nothing is recoded.
    fn with_ploidy(&self, source: Arc<dyn GenotypeSource>) -> PloidySource {
        let model = ChromosomeModel {
            set: ChromosomeSet::of("mouse").unwrap(),
            x_model: XModel::One,
        };
        let sexes = vec![Sex::Male; self.study.n()];
        PloidySource::new(source, Arc::new(model), Some(&sexes)).unwrap()
    }

    /// The study with the other allele of every SNP counted, in files.
    fn swapped(&self) -> BedSource {
        let swapped = self.study.with_swapped_alleles();
        swapped.write(self.folder.path(), "swapped");
        BedSource::open(&self.path("swapped")).unwrap()
    }

    /// BIMBAM mean genotypes with an annotation.
    fn bimbam(&self) -> BimbamSource {
        let [genotypes, annotation] = ["g.txt", "a.txt"].map(|name| self.path(name));
        std::fs::write(&genotypes, super::bimbam::genotypes(&self.study)).unwrap();
        std::fs::write(&annotation, super::bimbam::annotation(&self.study)).unwrap();
        BimbamSource::open(&genotypes, Some(&annotation)).unwrap()
    }

    /// A numeric matrix or HapMap text.
    fn numeric(&self, name: &str, text: String) -> NumericSource {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        let values = NumericValues::Dosages { ploidy: 2 };
        NumericSource::open(&path, None, values).unwrap()
    }

    /// A matrix of individuals, which has no places of SNPs by itself.
    fn numeric_individuals(&self) -> NumericSource {
        let [matrix, map] = ["i.csv", "map.csv"].map(|name| self.path(name));
        std::fs::write(&matrix, super::numeric::individual_rows(&self.study)).unwrap();
        std::fs::write(&map, super::numeric::snp_map(&self.study)).unwrap();
        let values = NumericValues::Dosages { ploidy: 2 };
        NumericSource::open(&matrix, Some(&map), values).unwrap()
    }

    /// All sources, with this study.
    fn every_source(&self) -> Vec<(&'static str, Box<dyn GenotypeSource>)> {
        #[cfg_attr(not(any(feature = "vcf", feature = "zarr")), allow(unused_mut))]
        let mut sources: Vec<(&'static str, Box<dyn GenotypeSource>)> = vec![
            #[cfg(feature = "bgen")]
            ("bgen", Box::new(self.bgen(None))),
            #[cfg(feature = "bgen")]
            (
                "bgen, hard calls",
                Box::new(self.bgen(Some(HardCalls(0.1)))),
            ),
            ("bed", Box::new(self.bed())),
            #[cfg(feature = "cloud")]
            ("bed at a URL", Box::new(self.bed_at_url())),
            ("pgen", Box::new(self.pgen("p", false))),
            ("dosages in pgen", Box::new(self.pgen("d", true))),
            ("packed memory", Box::new(self.memory(self.packed()))),
            (
                "dosages in memory",
                Box::new(self.memory(Genotypes::Dosages(self.dosages()))),
            ),
            ("toy text", Box::new(self.text())),
            ("bimbam", Box::new(self.bimbam())),
            (
                "numeric SNPs",
                Box::new(self.numeric("n.txt", super::numeric::snp_rows(&self.study))),
            ),
            (
                "hapmap",
                Box::new(self.numeric("h.txt", super::numeric::hapmap(&self.study))),
            ),
            ("numeric individuals", Box::new(self.numeric_individuals())),
            ("subset", Box::new(self.subset())),
            (
                "effect alleles",
                Box::new(self.with_alleles(Arc::new(self.swapped()))),
            ),
            ("ploidy", Box::new(self.with_ploidy(Arc::new(self.bed())))),
            (
                "ploidy of text",
                Box::new(self.with_ploidy(Arc::new(self.text()))),
            ),
            (
                "effect alleles of text",
                Box::new(self.with_alleles(Arc::new(self.swapped_text()))),
            ),
        ];
        #[cfg(feature = "vcf")]
        sources.extend(self.vcf());
        #[cfg(feature = "zarr")]
        sources.extend(self.zarr());
        sources
    }

    /// The same study as a VCF Zarr store: calls, and dosages that are called.
    #[cfg(feature = "zarr")]
    fn zarr(&self) -> [(&'static str, Box<dyn GenotypeSource>); 2] {
        use jamma::sources::{VcfField, ZarrSource};
        let store = super::zarr::write(self.folder.path(), &self.study);
        let called = Some(jamma::sources::HardCalls(0.1));
        let sources = [
            ("zarr", None, None),
            ("called zarr", Some(VcfField::Ds), called),
        ];
        sources.map(|(name, field, called)| {
            let (source, _) = ZarrSource::open(&store, field, called).unwrap();
            (name, Box::new(source) as Box<dyn GenotypeSource>)
        })
    }

    /// The same study as VCF.
    #[cfg(feature = "vcf")]
    fn vcf(&self) -> [(&'static str, Box<dyn GenotypeSource>); 2] {
        use super::vcf::{bgzf, vcf_of};
        let text = vcf_of(&self.study).into_bytes();
        let files = [("plain vcf", text.clone()), ("bgzf vcf", bgzf(&text, 500))];
        files.map(|(name, bytes)| {
            let path = self.path(name);
            std::fs::write(&path, bytes).unwrap();
            let source = jamma::sources::VcfSource::open(&path, None, None, None).unwrap();
            (name, Box::new(source) as Box<dyn GenotypeSource>)
        })
    }
}

/// A SNP as a source returns it: its index, its record and the dosages of all individuals, −1 if missing.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    snp_index: usize,
    record: [String; 5],
    dosages: Vec<f64>,
}

fn rows_of(block: &GenotypeBlock, n: usize) -> Vec<Row> {
    let everybody = Subset::everybody(n);
    let rows = block.snp_indices().map(|snp_index| {
        let mut dosages = vec![0.0; n];
        block.fill_column(snp_index, &everybody, -1.0, &mut dosages);
        for (row, &dosage) in dosages.iter().enumerate() {
            assert_eq!(block.is_missing(snp_index, row), dosage == -1.0);
        }
        let Snp {
            chr,
            rs,
            ps,
            allele1,
            allele0,
        } = block.record(snp_index);
        Row {
            snp_index,
            record: [chr, rs, &ps.to_string(), allele1, allele0].map(str::to_owned),
            dosages,
        }
    });
    rows.collect()
}

/// The SNPs of a range, read in blocks of `block_snps`; the blocks are checked too.
fn read(source: &dyn GenotypeSource, snps: Range<usize>, block_snps: usize) -> Vec<Row> {
    let n = source.individuals().len();
    let (mut rows, mut next) = (Vec::new(), snps.start);
    let mut was_short = false;
    let mut blocks = source.blocks(snps, block_snps).unwrap();
    while let Some(block) = blocks.next_block() {
        let block = block.unwrap();
        assert!(!was_short, "only the last block is smaller");
        assert!(!block.is_empty() && block.len() <= block_snps);
        was_short = block.len() < block_snps;
        assert_eq!(block.encoding(), source.encoding());
        assert_eq!(block.n_individuals(), n);
        assert_eq!(block.snp_indices().start, next, "without a gap");
        next = block.snp_indices().end;
        rows.extend(rows_of(&block, n));
        blocks.recycle(block);
    }
    assert!(blocks.next_block().is_none(), "no block follows the end");
    rows
}

#[test]
fn any_range_in_any_blocks_gives_the_same_snps() {
    for (n, p) in [(1, 3), (5, 40), (64, 17), (101, 33)] {
        let fixture = Fixture::new(n as u64, n, p);
        let records = std::sync::Arc::clone(fixture.bed().snps().unwrap());
        let mut random = Random::new(7);
        for (name, source) in fixture.every_source() {
            let source = &*source;
            let all = read(source, 0..usize::MAX, 1000);
            assert_eq!(all.len(), p, "{name}");
            for (row, calls) in all.iter().zip(&fixture.study.snps) {
                let expected: Vec<f64> = calls.iter().map(|g| g.map_or(-1.0, f64::from)).collect();
                assert_eq!(row.dosages, expected, "{name}, SNP {}", row.snp_index);
                let Snp {
                    chr,
                    rs,
                    ps,
                    allele1,
                    allele0,
                } = records.get(row.snp_index);
                let record = [chr, rs, &ps.to_string(), allele1, allele0].map(str::to_owned);
                assert_eq!(row.record, record, "{name}");
            }
            for _ in 0..40 {
                let start = random.below(p + 2);
                let end = start + random.below(p + 2);
                let block_snps = [1, 2, 7, 1 << 20][random.below(4)];
                let some = read(source, start..end, block_snps);
                let expected = &all[start.min(p)..end.min(p)];
                assert_eq!(some, expected, "{name}, {start}..{end} by {block_snps}");
            }
        }
    }
}

#[test]
fn two_readers_of_a_source_do_not_disturb_each_other() {
    let fixture = Fixture::new(3, 9, 21);
    for (name, source) in fixture.every_source() {
        let mut one = source.blocks(0..21, 4).unwrap();
        let mut other = source.blocks(10..21, 3).unwrap();
        let first = one.next_block().unwrap().unwrap().snp_indices();
        let second = other.next_block().unwrap().unwrap().snp_indices();
        let third = one.next_block().unwrap().unwrap().snp_indices();
        assert_eq!([first, second, third], [0..4, 10..13, 4..8], "{name}");
    }
}

#[test]
fn a_source_has_individuals_a_size_and_files() {
    let fixture = Fixture::new(5, 10, 4);
    for (name, source) in fixture.every_source() {
        let ids = fixture.individuals();
        let has_iids_only = ["vcf", "zarr", "numeric SNPs", "hapmap"];
        if has_iids_only.iter().any(|end| name.ends_with(end)) {
            let iids = source.individuals().iter().map(|one| (&*one.fid, &one.iid));
            assert!(iids.eq(ids.iter().map(|one| ("0", &one.iid))), "{name}");
        } else if source.has_ids() {
            assert_eq!(source.individuals(), ids, "{name}");
        } else {
            let numbered: Vec<_> = (0..ids.len()).map(Individual::numbered).collect();
            assert_eq!(source.individuals(), numbered, "{name}");
        }
        assert_eq!(source.has_ids(), name != "bimbam");
        let bytes = match source.encoding() {
            Encoding::Packed => 3,
            Encoding::Dosage => 80,
        };
        // Blocks of the larger study, of 13 individuals, are in memory too.
        let more = if name == "subset" { 4 } else { 0 };
        if name.ends_with("pgen") {
            // 16 bits for a dosage, or the bytes of the longest record.
            assert!((3..30).contains(&source.bytes_per_snp()), "{name}");
        } else {
            assert_eq!(source.bytes_per_snp(), bytes + more, "{name}");
        }
        assert!(source.snps().is_none_or(|snps| snps.len() == 4), "{name}");
        let is_there = |path: &std::path::PathBuf| {
            let text = path.to_str().unwrap();
            Path::new(text.strip_prefix("file://").unwrap_or(text)).is_file()
        };
        assert!(source.files().iter().all(is_there), "{name}");
    }
    let names = fixture.bed().files();
    let names = names.iter().map(|path| path.file_name().unwrap());
    assert!(names.eq(["s.bed", "s.bim", "s.fam"]));
}

#[test]
fn a_truncated_source_is_an_error_and_ends() {
    let fixture = Fixture::new(6, 10, 12);
    let (bed, text) = (fixture.bed(), fixture.text());
    let cut = |path: &Path, length: u64| {
        let file = std::fs::File::options().write(true).open(path).unwrap();
        file.set_len(length).unwrap();
    };
    // A genotype of an eleventh individual, in SNP 9.
    let mut bytes = std::fs::read(fixture.path("s.bed")).unwrap();
    bytes[3 + 3 * 8 + 2] |= 0b1100_0000;
    std::fs::write(fixture.path("s.bed"), bytes).unwrap();
    let length = std::fs::metadata(fixture.path("s.dosages.txt"))
        .unwrap()
        .len();
    cut(&fixture.path("s.dosages.txt"), length - 12);
    let sources: [&dyn GenotypeSource; 2] = [&bed, &text];
    for source in sources {
        let mut blocks = source.blocks(0..12, 5).unwrap();
        let mut n_errors = 0;
        while let Some(block) = blocks.next_block() {
            n_errors += usize::from(block.is_err());
        }
        assert_eq!(n_errors, 1, "{source:?}");
    }
}

#[test]
fn a_table_of_records_may_be_larger_than_the_block() {
    let snps = ["a", "b", "c"].map(|rs| Snp {
        chr: "1",
        rs,
        ps: 1,
        allele1: "A",
        allele0: "C",
    });
    let records = std::sync::Arc::new(SnpTable::of(snps.into_iter()));
    let block = GenotypeBlock::new(7, 2, Genotypes::Packed(vec![0, 0]));
    let block = block.with_records(records, 1);
    assert_eq!([7, 8].map(|s| block.record(s).rs), ["b", "c"]);
    assert_eq!(block.records().1, 1);
}
