//! Matrices of numbers with ids, and HapMap text (`--numeric`), with or without a map of their SNPs (`--snp-map`).

use super::settings::NumericValues;
use super::source::{GenotypeBlocks, GenotypeSource};
use super::text_rows::{Record, RowFormat, SnpCounts, TextRows};
use super::transposed::Transposed;
use crate::error::Result;
use crate::genotype::{Encoding, Genotypes};
use crate::io::bed::packed_bytes;
use crate::io::bim::SnpTable;
use crate::io::fam::Individual;
use crate::io::indexed_text::IndexedText;
use crate::io::numeric::header::{Header, Rows, SnpColumn};
use crate::io::numeric::individual_rows::Matrix;
use crate::io::numeric::snp_map::{Place, SnpMap};
use crate::io::numeric::value::Scale;
use crate::io::numeric::{hapmap, snp_rows};
use crate::io::regular::check_regular;
use crate::io::text::count;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A numeric matrix or HapMap text.
#[derive(Debug)]
pub struct NumericSource {
    path: PathBuf,
    snp_map: Option<PathBuf>,
    individuals: Vec<Individual>,
    form: Form,
}

/// How the file is read.
#[derive(Debug)]
enum Form {
    /// Rows are SNPs, read in blocks.
    Snps(TextRows<SnpRows>),
    /// Rows are SNPs of letters, read in blocks.
    HapMap(TextRows<HapMapRows>),
    /// Rows are individuals, in memory.
    Individuals(Transposed),
}

impl NumericSource {
    /// Reads the header of `matrix`, and `snp_map`; if rows are individuals, the whole matrix.
    ///
    /// A matrix of SNPs is read in blocks. One of individuals remains in memory: one byte for each value of an
    /// individual whose values are all 0, 1, 2 or missing, else eight bytes. If all are, blocks are packed calls.
    ///
    /// * `snp_map`: a table of chromosomes, positions and alleles, which takes precedence over columns of the matrix;
    ///   unknown chromosomes and positions are -9, unknown alleles NA
    ///
    /// Fails if a file cannot be read or is not such a table, and, if rows are individuals, if a value is out of range
    /// or the memory does not suffice.
    pub fn open(matrix: &Path, snp_map: Option<&Path>, values: NumericValues) -> Result<Self> {
        check_regular(matrix)?;
        let map = snp_map.map(SnpMap::read).transpose()?.map(Arc::new);
        let is_snp = |id: &str| map.as_ref().is_some_and(|map| map.get(id).is_some());
        let scale = match values {
            NumericValues::Dosages { ploidy } => Scale::Ploidy(ploidy),
            NumericValues::Any => Scale::Any,
        };
        let is_snp = map.as_ref().map(|_| &is_snp as &dyn Fn(&str) -> bool);
        #[cfg(feature = "tables")]
        let parquet = crate::io::numeric::parquet::read(matrix, scale, is_snp)?
            .map(|table| of_individuals(&table.names, table.places, table.matrix, map.as_deref()));
        #[cfg(not(feature = "tables"))]
        let parquet = None;
        let (individuals, form) = if let Some(parquet) = parquet {
            parquet
        } else {
            let header = Header::read(matrix, is_snp)?;
            let text = IndexedText::new(matrix);
            let path = matrix.to_path_buf();
            match header.rows.clone() {
                Rows::Individuals { .. } => {
                    let matrix = Matrix::read(&text, &header, scale)?;
                    of_individuals(&header.names, Vec::new(), matrix, map.as_deref())
                }
                Rows::Snps { columns } => {
                    let individuals = header.individuals();
                    let rows = SnpRows {
                        path,
                        header,
                        columns,
                        scale,
                        map,
                    };
                    (individuals, Form::Snps(TextRows::new(text, rows)))
                }
                Rows::HapMap => {
                    let individuals = header.individuals();
                    let rows = HapMapRows { path, header, map };
                    (individuals, Form::HapMap(TextRows::new(text, rows)))
                }
            }
        };
        Ok(Self {
            path: matrix.to_path_buf(),
            snp_map: snp_map.map(Path::to_path_buf),
            individuals,
            form,
        })
    }

    /// The numbers of SNPs, if they are known.
    fn counts(&self) -> Option<SnpCounts> {
        match &self.form {
            Form::Snps(rows) => rows.counts(),
            Form::HapMap(rows) => rows.counts(),
            Form::Individuals(matrix) => Some(matrix.counts()),
        }
    }
}

/// A matrix in memory.
///
/// * `places`: what the matrix says about its SNPs; empty if nothing
fn of_individuals(
    names: &[Box<str>],
    places: Vec<Place>,
    mut matrix: Matrix,
    map: Option<&SnpMap>,
) -> (Vec<Individual>, Form) {
    let individuals = std::mem::take(&mut matrix.individuals);
    let places = places
        .into_iter()
        .chain(std::iter::repeat(Place::default()));
    let records = names
        .iter()
        .zip(places)
        .map(|(rs, own)| record(rs, own, map));
    let records: Vec<Record> = records.collect();
    let unlisted = records.iter().filter(|record| !record.is_listed).count();
    let snps = Arc::new(SnpTable::of(records.iter().map(Record::snp)));
    (
        individuals,
        Form::Individuals(Transposed::new(matrix, snps, unlisted)),
    )
}

impl GenotypeSource for NumericSource {
    fn individuals(&self) -> &[Individual] {
        &self.individuals
    }

    fn snps(&self) -> Option<&Arc<SnpTable>> {
        match &self.form {
            Form::Snps(_) | Form::HapMap(_) => None,
            Form::Individuals(matrix) => Some(matrix.snps()),
        }
    }

    fn encoding(&self) -> Encoding {
        match &self.form {
            Form::Snps(_) => Encoding::Dosage,
            Form::HapMap(_) => Encoding::Packed,
            Form::Individuals(matrix) => matrix.encoding(),
        }
    }

    fn blocks(&self, snps: Range<usize>, block_snps: usize) -> Result<Box<dyn GenotypeBlocks>> {
        match &self.form {
            Form::Snps(rows) => rows.blocks(snps, block_snps),
            Form::HapMap(rows) => rows.blocks(snps, block_snps),
            Form::Individuals(matrix) => Ok(matrix.blocks(snps, block_snps)),
        }
    }

    fn held_bytes(&self) -> u64 {
        match &self.form {
            Form::Snps(_) | Form::HapMap(_) => 0,
            Form::Individuals(matrix) => matrix.bytes(),
        }
    }

    fn files(&self) -> Vec<PathBuf> {
        let files = [Some(&self.path), self.snp_map.as_ref()];
        files.into_iter().flatten().cloned().collect()
    }

    fn notes_after_reading(&self) -> Vec<String> {
        let (Some(map), Some(counts)) = (&self.snp_map, self.counts()) else {
            return Vec::new();
        };
        if counts.unlisted == 0 {
            return Vec::new();
        }
        vec![format!(
            "{}: {} of {} of {} are not listed",
            map.display(),
            counts.unlisted,
            count(counts.all, "SNP"),
            self.path.display()
        )]
    }
}

/// The record of a SNP, from the map if there is one and from the matrix otherwise.
fn record(rs: &str, own: Place, map: Option<&SnpMap>) -> Record {
    let listed = map.map(|map| map.get(rs));
    let mut place = own;
    if let Some(Some(listed)) = listed {
        let unknown = Place::default();
        let of = |listed: &str, unknown: &str, own: Box<str>| {
            if listed == unknown {
                own
            } else {
                listed.into()
            }
        };
        place = Place {
            chr: of(&listed.chr, &unknown.chr, place.chr),
            ps: if listed.ps == unknown.ps {
                place.ps
            } else {
                listed.ps
            },
            allele1: of(&listed.allele1, &unknown.allele1, place.allele1),
            allele0: of(&listed.allele0, &unknown.allele0, place.allele0),
        };
    }
    Record {
        chr: place.chr,
        rs: rs.into(),
        ps: place.ps,
        allele1: place.allele1,
        allele0: place.allele0,
        is_listed: listed.is_none_or(|listed| listed.is_some()),
    }
}

/// Rows that are SNPs.
#[derive(Debug)]
struct SnpRows {
    path: PathBuf,
    header: Header,
    columns: Vec<SnpColumn>,
    scale: Scale,
    map: Option<Arc<SnpMap>>,
}

impl RowFormat for SnpRows {
    type Value = f64;

    fn n_header_lines(&self) -> u64 {
        self.header.n_lines
    }

    fn n_individuals(&self) -> usize {
        self.header.names.len()
    }

    fn n_values(&self) -> usize {
        self.header.names.len()
    }

    fn parse(&self, line: u64, text: &str, values: &mut [f64]) -> Result<Record> {
        let at = (self.path.as_path(), line, text);
        let (rs, place) = snp_rows::parse(at, &self.header, &self.columns, self.scale, values)?;
        Ok(record(rs, place, self.map.as_deref()))
    }

    fn genotypes(values: Vec<f64>) -> Genotypes {
        Genotypes::Dosages(values)
    }

    fn values(genotypes: Genotypes) -> Option<Vec<f64>> {
        match genotypes {
            Genotypes::Dosages(values) => Some(values),
            Genotypes::Packed(_) | Genotypes::Scaled(_) => None,
        }
    }
}

/// Rows of HapMap text.
#[derive(Debug)]
struct HapMapRows {
    path: PathBuf,
    header: Header,
    map: Option<Arc<SnpMap>>,
}

impl RowFormat for HapMapRows {
    type Value = u8;

    fn n_header_lines(&self) -> u64 {
        self.header.n_lines
    }

    fn n_individuals(&self) -> usize {
        self.header.names.len()
    }

    fn n_values(&self) -> usize {
        packed_bytes(self.header.names.len())
    }

    fn parse(&self, line: u64, text: &str, values: &mut [u8]) -> Result<Record> {
        let at = (self.path.as_path(), line, text);
        let (rs, place) = hapmap::parse(at, &self.header, values)?;
        Ok(record(rs, place, self.map.as_deref()))
    }

    fn genotypes(values: Vec<u8>) -> Genotypes {
        Genotypes::Packed(values)
    }

    fn values(genotypes: Genotypes) -> Option<Vec<u8>> {
        match genotypes {
            Genotypes::Packed(values) => Some(values),
            Genotypes::Dosages(_) | Genotypes::Scaled(_) => None,
        }
    }
}
