//! A small writer of BGEN files and of their indexes.
#![allow(dead_code, reason = "each module uses a part of it")]

use std::io::Write as _;
use std::path::Path;

/// How genotypes are compressed: the number in the flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    None = 0,
    Zlib = 1,
    Zstd = 2,
}

impl Compression {
    pub const ALL: [Self; 3] = [Self::None, Self::Zlib, Self::Zstd];

    fn compress(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::None => bytes.to_vec(),
            Self::Zlib => {
                let level = flate2::Compression::default();
                let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
                encoder.write_all(bytes).unwrap();
                encoder.finish().unwrap()
            }
            Self::Zstd => zstd::bulk::compress(bytes, 3).unwrap(),
        }
    }
}

/// The names of a SNP.
#[derive(Debug, Clone)]
pub struct Names {
    pub variant_id: String,
    pub rsid: String,
    pub chr: String,
    pub ps: u32,
    pub alleles: Vec<String>,
}

impl Names {
    /// SNP `rsI` with the alleles A and C.
    pub fn number(i: usize) -> Self {
        Self {
            variant_id: format!("v{i}"),
            rsid: format!("rs{i}"),
            chr: "1".into(),
            ps: 100 * (i as u32 + 1),
            alleles: vec!["A".into(), "C".into()],
        }
    }
}

/// Genotypes in layout 2: ploidy bytes (128 is added for a missing one), and as many numbers as the sum of the ploidies.
#[derive(Debug, Clone)]
#[allow(clippy::struct_field_names, reason = "the numbers of the format")]
pub struct Numbers {
    pub ploidy: Vec<u8>,
    pub is_phased: bool,
    pub bits: u8,
    pub numbers: Vec<u64>,
}

impl Numbers {
    /// Calls of the second allele of unphased diploids.
    pub fn of_calls(calls: &[Option<u8>], bits: u8) -> Self {
        let one = (1 << bits) - 1;
        let numbers = calls.iter().flat_map(|call| match call {
            Some(0) => [one, 0],
            Some(1) => [0, one],
            _ => [0, 0],
        });
        Self {
            ploidy: calls
                .iter()
                .map(|call| if call.is_some() { 2 } else { 0x82 })
                .collect(),
            is_phased: false,
            bits,
            numbers: numbers.collect(),
        }
    }

    pub fn bytes(&self, n_alleles: u16) -> Vec<u8> {
        let mut bytes = (self.ploidy.len() as u32).to_le_bytes().to_vec();
        bytes.extend(n_alleles.to_le_bytes());
        let z = self.ploidy.iter().map(|byte| byte & 63);
        bytes.extend([z.clone().min().unwrap(), z.max().unwrap()]);
        bytes.extend(&self.ploidy);
        bytes.extend([u8::from(self.is_phased), self.bits]);
        let bits = usize::from(self.bits);
        let mut packed = vec![0_u8; (self.numbers.len() * bits).div_ceil(8)];
        for (i, number) in self.numbers.iter().enumerate() {
            for k in 0..bits {
                let bit = i * bits + k;
                packed[bit / 8] |= ((number >> k & 1) as u8) << (bit % 8);
            }
        }
        bytes.extend(packed);
        bytes
    }

    /// The dosage of the second allele, by the formulas of the format.
    pub fn dosages(&self) -> Vec<f64> {
        let one = ((1_u64 << self.bits) - 1) as f64;
        let mut numbers = self.numbers.iter().map(|x| *x as f64);
        let mut next = || numbers.next().unwrap();
        let dosage = |byte: &u8| {
            let dosage = match (byte & 63, self.is_phased) {
                (1, _) => 2.0 * (one - next()) / one,
                (2, false) => {
                    let (p11, p12) = (next(), next());
                    (p12 + 2.0 * (one - p11 - p12)) / one
                }
                (2, true) => (2.0 * one - next() - next()) / one,
                (z, _) => {
                    (0..z).for_each(|_| {
                        next();
                    });
                    f64::NAN
                }
            };
            if byte & 0x80 == 0 { dosage } else { f64::NAN }
        };
        self.ploidy.iter().map(dosage).collect()
    }
}

/// A BGEN file before it is written.
#[derive(Debug, Clone)]
pub struct Writer {
    pub n: usize,
    pub layout: u32,
    pub compression: Compression,
    pub ids: Option<Vec<String>>,
    pub free: Vec<u8>,
    blocks: Vec<(Names, Vec<u8>)>,
}

impl Writer {
    /// A file of layout 2 with the ids `i0`, `i1`, …
    pub fn new(n: usize, compression: Compression) -> Self {
        Self {
            n,
            layout: 2,
            compression,
            ids: Some((0..n).map(|i| format!("i{i}")).collect()),
            free: Vec::new(),
            blocks: Vec::new(),
        }
    }

    /// Number of SNPs added so far.
    pub fn n_snps(&self) -> usize {
        self.blocks.len()
    }

    /// Adds a SNP of layout 2.
    pub fn add(&mut self, names: Names, numbers: &Numbers) {
        let bytes = numbers.bytes(names.alleles.len() as u16);
        self.add_bytes(names, &bytes);
    }

    /// Adds a SNP with these genotypes.
    pub fn add_bytes(&mut self, names: Names, genotypes: &[u8]) {
        let mut block = Vec::new();
        if self.layout == 1 {
            block.extend((self.n as u32).to_le_bytes());
        }
        for text in [&names.variant_id, &names.rsid, &names.chr] {
            block.extend((text.len() as u16).to_le_bytes());
            block.extend(text.as_bytes());
        }
        block.extend(names.ps.to_le_bytes());
        if self.layout == 2 {
            block.extend((names.alleles.len() as u16).to_le_bytes());
        }
        for allele in &names.alleles {
            block.extend((allele.len() as u32).to_le_bytes());
            block.extend(allele.as_bytes());
        }
        let stored = self.compression.compress(genotypes);
        match (self.layout, self.compression) {
            (1, Compression::None) => {}
            (1, _) | (_, Compression::None) => block.extend((stored.len() as u32).to_le_bytes()),
            _ => {
                block.extend((stored.len() as u32 + 4).to_le_bytes());
                block.extend((genotypes.len() as u32).to_le_bytes());
            }
        }
        block.extend(stored);
        self.blocks.push((names, block));
    }

    /// The bytes before the first SNP.
    fn head(&self) -> Vec<u8> {
        let length = 20 + self.free.len() as u32;
        let mut ids = Vec::new();
        for id in self.ids.iter().flatten() {
            ids.extend((id.len() as u16).to_le_bytes());
            ids.extend(id.as_bytes());
        }
        let has_ids = self.ids.is_some();
        let ids_length = if has_ids { 8 + ids.len() as u32 } else { 0 };
        let mut head = (length + ids_length).to_le_bytes().to_vec();
        head.extend(length.to_le_bytes());
        head.extend((self.blocks.len() as u32).to_le_bytes());
        head.extend((self.n as u32).to_le_bytes());
        head.extend(b"bgen");
        head.extend(&self.free);
        let flags = self.compression as u32 | self.layout << 2 | u32::from(has_ids) << 31;
        head.extend(flags.to_le_bytes());
        if let Some(all) = &self.ids {
            head.extend(ids_length.to_le_bytes());
            head.extend((all.len() as u32).to_le_bytes());
            head.extend(ids);
        }
        head
    }

    /// The whole file.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.head();
        self.blocks
            .iter()
            .for_each(|(_, block)| bytes.extend(block));
        bytes
    }

    pub fn write(&self, path: &Path) {
        std::fs::write(path, self.bytes()).unwrap();
    }

    /// Writes the index `PATH.bgi` of the file at `path`.
    pub fn write_bgi(&self, path: &Path) {
        let mut index = path.as_os_str().to_owned();
        index.push(".bgi");
        let _ = std::fs::remove_file(&index);
        let database = rusqlite::Connection::open(index).unwrap();
        database
            .execute_batch(
                "CREATE TABLE Variant (chromosome TEXT NOT NULL, position INT NOT NULL, rsid TEXT NOT NULL,
                 number_of_alleles INT NOT NULL, allele1 TEXT NOT NULL, allele2 TEXT NULL,
                 file_start_position INT NOT NULL, size_in_bytes INT NOT NULL,
                 PRIMARY KEY (chromosome, position, rsid, allele1, allele2, file_start_position)) WITHOUT ROWID;
                 CREATE TABLE Metadata (filename TEXT NOT NULL, file_size INT NOT NULL, last_write_time INT NOT NULL,
                 first_1000_bytes BLOB NOT NULL, index_creation_time INT NOT NULL);",
            )
            .unwrap();
        let bytes = self.bytes();
        let start = &bytes[..bytes.len().min(1000)];
        database
            .execute(
                "INSERT INTO Metadata VALUES ('x.bgen', ?1, 0, ?2, 0)",
                (bytes.len() as i64, start),
            )
            .unwrap();
        let mut at = self.head().len();
        for (names, block) in &self.blocks {
            let n_alleles = names.alleles.len() as i64;
            let values = (
                &names.chr,
                names.ps,
                &names.rsid,
                n_alleles,
                &names.alleles[0],
                names.alleles.get(1),
                at as i64,
                block.len() as i64,
            );
            database
                .execute(
                    "INSERT INTO Variant VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                    values,
                )
                .unwrap();
            at += block.len();
        }
    }
}

/// Writes a `.sample` file of FIDs and IIDs.
pub fn write_sample<'a>(path: &Path, individuals: impl Iterator<Item = (&'a str, &'a str)>) {
    use std::fmt::Write as _;
    let mut text = "ID_1 ID_2 missing sex\n0 0 0 D\n".to_owned();
    for (fid, iid) in individuals {
        writeln!(text, "{fid} {iid} 0 NA").unwrap();
    }
    std::fs::write(path, text).unwrap();
}
