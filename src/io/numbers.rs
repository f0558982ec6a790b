//! Numbers as they are in binary files: little-endian `f64`, one after the other.

use std::fs::File;
use std::io::Write;

use super::content::Content;
use super::disk::read_at;

/// Writes `values`.
pub(crate) fn write_numbers(out: &mut impl Write, values: &[f64]) -> std::io::Result<()> {
    if cfg!(target_endian = "little") {
        return out.write_all(bytemuck::cast_slice(values));
    }
    let swapped: Vec<u64> = values.iter().map(|x| x.to_bits().to_le()).collect();
    out.write_all(bytemuck::cast_slice(&swapped))
}

/// Reads `values` at byte `offset` of `file` and adds them to `content`. Several threads may read from one file.
pub(crate) fn read_numbers_at(
    file: &File,
    offset: u64,
    values: &mut [f64],
    content: &mut Content,
) -> std::io::Result<()> {
    let bytes: &mut [u8] = bytemuck::cast_slice_mut(values);
    read_at(file, offset, bytes)?;
    content.add(bytes);
    if cfg!(target_endian = "big") {
        for value in values {
            *value = f64::from_bits(u64::from_le(value.to_bits()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        let values = [1.5, -0.0, f64::NAN, f64::MIN_POSITIVE / 3.0, f64::INFINITY];
        let mut written = tempfile::tempfile().unwrap();
        write_numbers(&mut written, &values).unwrap();
        let (mut read, mut content) = ([0.0; 3], Content::default());
        read_numbers_at(&written, 8, &mut read, &mut content).unwrap();
        let bits = |values: &[f64]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&read), bits(&values[1..4]));
        let mut expected = Content::default();
        write_numbers(&mut expected, &values[1..4]).unwrap();
        assert_eq!(content.digest(), expected.digest());
        assert!(read_numbers_at(&written, 24, &mut read, &mut content).is_err());
    }
}
