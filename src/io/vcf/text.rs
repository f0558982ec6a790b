//! Hard calls and dosages of a line of VCF.

use super::fault::{DAMAGED, Fault};
use super::line::{Line, check_end, next_cell};
use super::values::{Call, Wrong, number, of_ds, of_gp};
use crate::io::bed::{CALLS, NO_CALL};
use crate::io::text::quoted;

impl Line<'_> {
    /// Adds the two-bit codes of the hard calls of `n` individuals to `packed`, which is zero.
    pub(super) fn hard_calls(&self, n: usize, packed: &mut [u8]) -> Result<(), Fault> {
        let index = self.require("GT")?;
        let n_alt = self.site.n_alt;
        if index > 0 {
            return self.for_each(n, |row, cell| {
                let call = call(field(cell, index), n_alt, row)?;
                packed[row / 4] |= call.code << (2 * (row % 4));
                Ok(())
            });
        }
        let mut rest = self.genotypes;
        let mut row = 0;
        while row < n {
            if n_alt > 0 && row % 4 == 0 && row + 4 <= n {
                let four = rest.and_then(|text| Some((four_calls(text.first_chunk()?)?, text)));
                if let Some((byte, text)) = four {
                    packed[row / 4] = byte;
                    (rest, row) = (Some(&text[16..]), row + 4);
                    continue;
                }
            }
            let Some(cell) = next_cell(&mut rest) else {
                return Err(Fault::columns(row, n));
            };
            let code = match *cell {
                [a @ (b'0' | b'1'), b'/' | b'|', b @ (b'0' | b'1')]
                | [a @ (b'0' | b'1'), b'/' | b'|', b @ (b'0' | b'1'), b':', ..]
                    if n_alt > 0 =>
                {
                    CALLS[usize::from((a & 1) + (b & 1))]
                }
                [b'.', b'/' | b'|', b'.'] | [b'.', b'/' | b'|', b'.', b':', ..] => NO_CALL,
                _ => call(field(cell, 0), n_alt, row)?.code,
            };
            packed[row / 4] |= code << (2 * (row % 4));
            row += 1;
        }
        check_end(rest, n)
    }

    /// Fills `dosages` with the expected copies of ALT from DS; NaN if missing.
    pub(super) fn ds(&self, dosages: &mut [f64]) -> Result<(), Fault> {
        let (index, gt) = (self.require("DS")?, self.index_of("GT"));
        let n_alt = self.site.n_alt;
        let mut values = Vec::new();
        self.for_each(dosages.len(), |row, cell| {
            numbers("DS", row, field(cell, index), &mut values)?;
            let is_haploid = match gt.map(|gt| field(cell, gt)) {
                None | Some([_, b'/' | b'|', _]) => false,
                Some(text) => call(text, n_alt, row)?.is_haploid,
            };
            let dosage = of_ds(&values, n_alt, is_haploid);
            dosages[row] = dosage.map_err(|fault| fault.of("DS", row))?;
            Ok(())
        })
    }

    /// Fills `dosages` with the expected copies of ALT from GP; NaN if missing.
    pub(super) fn gp(&self, dosages: &mut [f64]) -> Result<(), Fault> {
        let index = self.require("GP")?;
        self.site.check_biallelic()?;
        let mut values = Vec::new();
        self.for_each(dosages.len(), |row, cell| {
            numbers("GP", row, field(cell, index), &mut values)?;
            dosages[row] = of_gp(&values).map_err(|fault| fault.of("GP", row))?;
            Ok(())
        })
    }
}

/// The field of a genotype at an index of FORMAT; trailing fields may be absent, which is missing.
fn field(cell: &[u8], index: usize) -> &[u8] {
    let mut fields = cell.split(|&byte| byte == b':');
    fields.nth(index).unwrap_or(b".")
}

/// The call of a text such as `0/1`.
fn call(text: &[u8], n_alt: usize, row: usize) -> Result<Call, Fault> {
    // VCF 4.4 allows the phase of the first allele before it.
    let alleles = if let [b'/' | b'|', alleles @ ..] = text {
        alleles
    } else {
        text
    };
    let mut is_text = true;
    let alleles = alleles.split(|byte| matches!(byte, b'/' | b'|'));
    let alleles = alleles.map(|allele| match allele {
        b"." => None,
        digits => {
            let allele = index(digits);
            is_text &= allele.is_some();
            allele
        }
    });
    let call = Call::of(alleles, n_alt);
    let call = if is_text { call } else { Err(Wrong::Text) };
    call.map_err(|wrong| wrong.fault(&shown(text), n_alt, row))
}

/// The index of an allele.
fn index(digits: &[u8]) -> Option<usize> {
    let is_index = (1..=6).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    is_index.then(|| {
        digits
            .iter()
            .fold(0, |i, digit| 10 * i + usize::from(digit - b'0'))
    })
}

fn shown(text: &[u8]) -> String {
    quoted(&String::from_utf8_lossy(text))
}

/// Reads a list of numbers.
fn numbers(
    name: &'static str,
    row: usize,
    text: &[u8],
    values: &mut Vec<f64>,
) -> Result<(), Fault> {
    values.clear();
    for value in text.split(|&byte| byte == b',') {
        let Some(value) = number(value) else {
            let what = format!("{}, expected numbers", shown(text));
            return Err(Fault::new(what, DAMAGED).of(name, row));
        };
        values.push(value);
    }
    Ok(())
}

/// The packed calls of four genotypes such as `0/1`, each followed by a tab; `None` if their text is different.
#[inline]
fn four_calls(text: &[u8; 16]) -> Option<u8> {
    const EACH: u128 = 1 << 96 | 1 << 64 | 1 << 32 | 1;
    let text = u128::from_le_bytes(*text);
    // The last bit of a digit distinguishes 0 and 1.
    let same = text & (EACH * 0xff_fe_ff_fe);
    let [slashes, bars] =
        [b'/', b'|'].map(|byte| EACH * u128::from(0x09_30_00_30 | u32::from(byte) << 8));
    if same != slashes && same != bars {
        return None;
    }
    let (a, b) = (text & EACH, text >> 16 & EACH);
    let is_below_two = !(a & b) & EACH;
    let is_below_one = !(a | b) & EACH;
    let codes = is_below_two << 1 | is_below_one;
    Some((codes | codes >> 30 | codes >> 60 | codes >> 90) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(alt: &str, format: &str, cells: &str) -> String {
        format!(
            "1\t5\tr\tA\t{alt}\t.\t.\t.\t{format}\t{}",
            cells.replace(' ', "\t")
        )
    }

    fn codes(alt: &str, format: &str, cells: &str) -> Result<Vec<u8>, String> {
        let n = cells.split(' ').count();
        let text = line(alt, format, cells);
        let mut packed = vec![0; n.div_ceil(4)];
        let done = Line::of(text.as_bytes()).and_then(|line| line.hard_calls(n, &mut packed));
        done.map_err(|fault| fault.message(|row| ["i0", "i1", "i2", "i3", "i4"][row]))?;
        Ok((0..n)
            .map(|row| packed[row / 4] >> (2 * (row % 4)) & 3)
            .collect())
    }

    #[test]
    fn every_way_to_write_a_call_gives_its_code() {
        let cells = [
            "0/0", "0/1", "1/0", "1/1", "0|0", "0|1", "1|0", "1|1", "./.", ".", "./1", "0", "1",
            "2/2", "0/2", "|0|1", "/1", "10|0",
        ];
        let expected = [3, 2, 2, 0, 3, 2, 2, 0, 1, 1, 1, 3, 0, 0, 2, 2, 0, 2];
        let alt = "C,D,E,F,G,H,I,J,K,L";
        // In every order of four, with and without further fields.
        for shift in 0..cells.len() {
            for step in [1, 5, 7] {
                let order: Vec<usize> = (0..37).map(|i| (shift + i * step) % cells.len()).collect();
                let expected: Vec<u8> = order.iter().map(|&i| expected[i]).collect();
                let of = |end: &str| {
                    order
                        .iter()
                        .map(|&i| format!("{}{end}", cells[i]))
                        .collect::<Vec<_>>()
                        .join(" ")
                };
                assert_eq!(codes(alt, "GT", &of("")).unwrap(), expected);
                assert_eq!(codes(alt, "GT:DP:AD", &of(":3:.,1")).unwrap(), expected);
                let last: Vec<String> = order.iter().map(|&i| format!("7:{}", cells[i])).collect();
                assert_eq!(codes(alt, "DP:GT", &last.join(" ")).unwrap(), expected);
            }
        }
    }

    #[test]
    fn four_calls_agree_with_single_calls() {
        for (byte, separator) in (0..=255u8).flat_map(|byte| [(byte, '/'), (byte, '|')]) {
            let cell = |i: u8| {
                let [a, b] = [byte >> (2 * i) & 1, byte >> (2 * i + 1) & 1];
                format!("{a}{separator}{b}\t")
            };
            let cells = [0, 1, 2, 3].map(cell).concat();
            let single: Vec<u8> = cells
                .trim()
                .split('\t')
                .map(|cell| call(cell.as_bytes(), 1, 0).unwrap().code)
                .collect();
            let packed = single.iter().rev().fold(0, |byte, code| byte << 2 | code);
            let text: &[u8; 16] = cells.as_bytes().try_into().unwrap();
            assert_eq!(four_calls(text), Some(packed));
            for at in 0..16 {
                for other in [b'2', b'.', b':', b'3', b' ', b'\t', b'/', b'|', 0] {
                    let mut changed = *text;
                    changed[at] = other;
                    assert!(changed == *text || four_calls(&changed).is_none());
                }
            }
        }
    }

    #[test]
    fn a_wrong_call_is_named_with_its_individual() {
        for (alt, cells, message) in [
            (
                "C",
                "0/1 0/2 0/0 0/0 0/1",
                "GT of individual i1 is \"0/2\", which has allele 2, but ALT has 1",
            ),
            (
                ".",
                "0/0 0/0 0/0 0/1 0/0",
                "GT of individual i3 is \"0/1\", which has allele 1, but ALT has 0",
            ),
            (
                "C",
                "0/1 0/0/1",
                "GT of individual i1 is \"0/0/1\", of ploidy 3",
            ),
            (
                "C",
                "0/x",
                "GT of individual i0 is \"0/x\", expected alleles such as 0/1",
            ),
            ("C", "0/", "expected alleles"),
            (
                "C",
                "0/1  0/1",
                "GT of individual i1 is \"\", expected alleles",
            ),
            ("C", "0/+1", "expected alleles"),
            ("C", "0/1 x/x/x", "expected alleles"),
        ] {
            let text = codes(alt, "GT", cells).unwrap_err();
            assert!(text.contains(message), "{text}");
        }
        assert_eq!(codes(".", "GT", "0/0 ./. 0").unwrap(), [3, 1, 3]);
        let text = codes("C", "DS:GP", "1:1,0,0").unwrap_err();
        assert_eq!(text, "the record has no GT; its FORMAT has DS, GP");
    }

    fn dosages(gp: bool, alt: &str, format: &str, cells: &str) -> Result<Vec<f64>, String> {
        let text = line(alt, format, cells);
        let mut dosages = vec![7.0; cells.split(' ').count()];
        let done = Line::of(text.as_bytes()).and_then(|line| {
            if gp {
                line.gp(&mut dosages)
            } else {
                line.ds(&mut dosages)
            }
        });
        done.map_err(|fault| fault.message(|row| ["i0", "i1", "i2"][row]))?;
        // NaN is not equal to itself.
        Ok(dosages
            .into_iter()
            .map(|x| if x.is_nan() { -1.0 } else { x })
            .collect())
    }

    #[test]
    fn dosages_come_from_their_field() {
        let ds = |alt, format, cells| dosages(false, alt, format, cells).unwrap();
        assert_eq!(ds("C", "GT:DS", "0/0:0.25 ./.:1.5 0/1"), [0.25, 1.5, -1.0]);
        assert_eq!(ds("C", "GT:DS", "0:0.25 1:1 .:1.5"), [0.5, 2.0, 1.5]);
        assert_eq!(
            ds("C,T", "GT:X:DS", "0/0:1:.5,.25 1:1:0,.5 0/0::."),
            [0.75, 1.0, -1.0]
        );
        assert_eq!(ds("C", "DS", "0 2 ."), [0.0, 2.0, -1.0]);
        let gp = |format, cells| dosages(true, "C", format, cells).unwrap();
        assert_eq!(
            gp("GT:GP", "0/0:0.25,0.5,0.25 .:. 0:0.75,.25"),
            [1.0, -1.0, 0.5]
        );
        for (is_gp, alt, format, cells, message) in [
            (
                false,
                "C",
                "GT:DS",
                "0/0:1 0/0:2.5",
                "DS of individual i1 is 2.5, expected 0 to 2",
            ),
            (
                false,
                "C",
                "GT:DS",
                "1:1.5",
                "DS of individual i0 is 1.5, expected 0 to 1",
            ),
            (
                false,
                "C",
                "GT:DS",
                "0/0:x",
                "DS of individual i0 is \"x\", expected numbers",
            ),
            (
                false,
                "C",
                "GT:DS",
                "0/0:1,1",
                "a list of 2 values, but ALT has 1",
            ),
            (
                true,
                "C",
                "GP",
                "0.5,0.5,0.5",
                "GP of individual i0 is [0.5, 0.5, 0.5], expected probabilities",
            ),
            (true, "C,T", "GP", "1,0,0", "ALT has 2 alleles"),
        ] {
            let text = dosages(is_gp, alt, format, cells).unwrap_err();
            assert!(text.contains(message), "{text}");
        }
    }
}
