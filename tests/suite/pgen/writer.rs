//! A writer of `.pgen` files in which the form of every record is chosen by the test.

use crate::simulate::{Random, Study};
use std::fmt::Write as _;
use std::path::Path;

/// A file with an index (storage mode 10).
#[derive(Debug, Default, Clone)]
pub struct Pgen {
    pub n: usize,
    /// Type and bytes of each record.
    pub records: Vec<(u8, Vec<u8>)>,
    /// Whether types have four bits.
    pub has_short_types: bool,
    /// Bytes of a length, at least as many as are needed.
    pub length_bytes: usize,
    /// Whether bits for provisional REF are stored.
    pub has_provisional: bool,
}

impl Pgen {
    pub fn bytes(&self) -> Vec<u8> {
        let (n_snps, width) = (self.records.len(), self.length_bytes.max(4));
        let width = if self.length_bytes == 0 {
            width
        } else {
            self.length_bytes
        };
        let mut format = width as u8 - 1 + if self.has_short_types { 0 } else { 4 };
        format |= if self.has_provisional { 0xc0 } else { 0x40 };
        let mut index = Vec::new();
        for block in self.records.chunks(1 << 16) {
            if self.has_short_types {
                for two in block.chunks(2) {
                    index.push(two[0].0 | two.get(1).map_or(0, |two| two.0) << 4);
                }
            } else {
                index.extend(block.iter().map(|(kind, _)| kind));
            }
            for (_, bytes) in block {
                index.extend(&(bytes.len() as u32).to_le_bytes()[..width]);
            }
            if self.has_provisional {
                index.extend(vec![0; block.len().div_ceil(8)]);
            }
        }
        let mut file = vec![0x6c, 0x1b, 0x10];
        file.extend((n_snps as u32).to_le_bytes());
        file.extend((self.n as u32).to_le_bytes());
        file.push(format);
        let n_blocks = n_snps.div_ceil(1 << 16);
        let mut offset = (12 + 8 * n_blocks + index.len()) as u64;
        for block in self.records.chunks(1 << 16) {
            file.extend(offset.to_le_bytes());
            offset += block
                .iter()
                .map(|(_, bytes)| bytes.len() as u64)
                .sum::<u64>();
        }
        file.extend(index);
        file.extend(self.records.iter().flat_map(|(_, bytes)| bytes));
        file
    }

    /// Writes the three files.
    pub fn write(&self, folder: &Path, name: &str) {
        write_text(folder, name, self.n, self.records.len());
        std::fs::write(folder.join(format!("{name}.pgen")), self.bytes()).unwrap();
    }
}

/// Writes `.pvar` and `.psam` with the records of [`Study::write`].
pub fn write_text(folder: &Path, name: &str, n: usize, n_snps: usize) {
    let mut pvar = String::from("##x\n#CHROM\tPOS\tID\tREF\tALT\n");
    for j in 0..n_snps {
        writeln!(pvar, "1\t{}\trs{j}\tC\tA", 100 * (j + 1)).unwrap();
    }
    let mut psam = String::from("#FID\tIID\tSEX\n");
    (0..n).for_each(|i| writeln!(psam, "F{i}\tI{i}\tNA").unwrap());
    for (extension, text) in [("pvar", pvar), ("psam", psam)] {
        std::fs::write(folder.join(format!("{name}.{extension}")), text).unwrap();
    }
}

/// The categories of the calls of a SNP.
pub fn categories(calls: &[Option<u8>]) -> Vec<u8> {
    calls.iter().map(|call| call.unwrap_or(3)).collect()
}

fn packed(categories: &[u8]) -> Vec<u8> {
    let four = |four: &[u8]| four.iter().rev().fold(0, |byte, c| byte << 2 | c);
    categories.chunks(4).map(four).collect()
}

pub fn bits(bits: &[bool]) -> Vec<u8> {
    let byte = |eight: &[bool]| {
        let bits = eight.iter().rev();
        bits.fold(0, |byte, &bit| byte << 1 | u8::from(bit))
    };
    bits.chunks(8).map(byte).collect()
}

fn varint(mut value: usize, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A list of individuals, with the category of each if `with_categories`.
pub fn difflist(n: usize, list: &[(usize, u8)], with_categories: bool) -> Vec<u8> {
    let mut out = Vec::new();
    varint(list.len(), &mut out);
    if list.is_empty() {
        return out;
    }
    let width = [0xff, 0xffff, 0xff_ffff]
        .iter()
        .filter(|&&most| n > most)
        .count()
        + 1;
    let groups: Vec<Vec<u8>> = (list.chunks(64))
        .map(|group| {
            let mut steps = Vec::new();
            group
                .windows(2)
                .for_each(|two| varint(two[1].0 - two[0].0, &mut steps));
            steps
        })
        .collect();
    for group in list.chunks(64) {
        out.extend(&(group[0].0 as u32).to_le_bytes()[..width]);
    }
    for steps in &groups[..groups.len() - 1] {
        out.push((steps.len() - 63) as u8);
    }
    if with_categories {
        let categories: Vec<u8> = list.iter().map(|(_, category)| *category).collect();
        out.extend(packed(&categories));
    }
    out.extend(groups.concat());
    out
}

fn differences(categories: &[u8], from: impl Fn(usize) -> u8) -> Vec<(usize, u8)> {
    let all = categories.iter().copied().enumerate();
    all.filter(|&(i, c)| c != from(i)).collect()
}

/// The main track `main` of a SNP.
///
/// * `base`: categories of the base, of main tracks 2 and 3
pub fn main_track(main: u8, categories: &[u8], base: Option<&[u8]>) -> Vec<u8> {
    let n = categories.len();
    let list = |list: Vec<(usize, u8)>| difflist(n, &list, true);
    match main {
        0 => packed(categories),
        1 => {
            #[allow(clippy::naive_bytecount, reason = "a few hundred bytes")]
            let count = |c: u8| categories.iter().filter(|&&other| other == c).count();
            let mut order = [0, 1, 2, 3];
            order.sort_by_key(|&c| std::cmp::Reverse(count(c)));
            let (low, high) = (order[0].min(order[1]), order[0].max(order[1]));
            // (0,1) 1, (0,2) 2, (0,3) 3, (1,2) 5, (1,3) 6, (2,3) 9.
            let code = [[0, 1, 2, 3], [0, 0, 5, 6], [0, 0, 0, 9]][low as usize][high as usize];
            let is_high: Vec<bool> = categories.iter().map(|&c| c == high).collect();
            let common = |i: usize| if is_high[i] { high } else { low };
            let mut out = vec![code];
            out.extend(bits(&is_high));
            out.extend(list(differences(categories, common)));
            out
        }
        2 => list(differences(categories, |i| base.unwrap()[i])),
        3 => {
            let swapped: Vec<u8> = categories
                .iter()
                .map(|&c| [2, 1, 0, 3][c as usize])
                .collect();
            list(differences(&swapped, |i| base.unwrap()[i]))
        }
        _ => list(differences(categories, |_| main & 3)),
    }
}

/// A file of the calls of a study, with main tracks chosen at random.
pub fn of_study(study: &Study, random: &mut Random) -> Pgen {
    let mut pgen = Pgen {
        n: study.n(),
        ..Pgen::default()
    };
    let mut base: Option<Vec<u8>> = None;
    for (j, calls) in study.snps.iter().enumerate() {
        if j % (1 << 16) == 0 {
            base = None;
        }
        let mains: &[u8] = if base.is_some() {
            &[0, 1, 2, 2, 3, 3, 4, 6, 7]
        } else {
            &[0, 1, 4, 6, 7]
        };
        let main = mains[random.below(mains.len())];
        let categories = categories(calls);
        let bytes = main_track(main, &categories, base.as_deref());
        if !matches!(main, 2 | 3) {
            base = Some(categories);
        }
        pgen.records.push((main, bytes));
    }
    pgen
}

/// A track of phases of `n_hets` heterozygotes, all or some of them phased.
pub fn phases(n_hets: usize, random: &mut Random) -> Vec<u8> {
    let mut coin = |n: usize| -> Vec<bool> { (0..n).map(|_| random.below(2) == 1).collect() };
    if coin(1)[0] {
        return bits(&[vec![false], coin(n_hets)].concat());
    }
    let phased = coin(n_hets);
    let n_phased = phased.iter().filter(|&&phased| phased).count();
    [bits(&[vec![true], phased].concat()), bits(&coin(n_phased))].concat()
}

/// A track of dosages in a form (bits 5 and 6 of the type): of everybody, or of those who have one.
pub fn dosages(form: u8, values: &[Option<u16>]) -> Vec<u8> {
    let given = || {
        values
            .iter()
            .enumerate()
            .filter(|(_, value)| value.is_some())
    };
    let mut out = match form {
        0x20 => {
            let list: Vec<(usize, u8)> = given().map(|(i, _)| (i, 0)).collect();
            difflist(values.len(), &list, false)
        }
        0x60 => bits(&values.iter().map(Option::is_some).collect::<Vec<_>>()),
        _ => Vec::new(),
    };
    for value in values {
        match value {
            Some(value) => out.extend(value.to_le_bytes()),
            None if form == 0x40 => out.extend([0xff; 2]),
            None => {}
        }
    }
    out
}
