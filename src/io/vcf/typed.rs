//! Typed values of BCF: a descriptor of type and length, and the values.
//!
//! Source: VCF specification 4.3, section 6.3.3.

use super::fault::{DAMAGED, Fault};

/// The type of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Missing,
    Int8,
    Int16,
    Int32,
    Float,
    Char,
}

impl Type {
    /// Bytes of a value.
    pub(super) fn n_bytes(self) -> usize {
        match self {
            Self::Missing => 0,
            Self::Int8 | Self::Char => 1,
            Self::Int16 => 2,
            Self::Int32 | Self::Float => 4,
        }
    }
}

/// An integer of a vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Integer {
    Value(i32),
    Missing,
    /// The vector of this individual is shorter.
    End,
}

/// The integers in bytes of this type.
pub(super) fn integers(kind: Type, bytes: &[u8]) -> impl Iterator<Item = Integer> {
    bytes.chunks_exact(kind.n_bytes().max(1)).map(move |bytes| {
        let (value, least) = match *bytes {
            [a] => (i32::from(a as i8), i32::from(i8::MIN)),
            [a, b] => (i16::from_le_bytes([a, b]).into(), i16::MIN.into()),
            [a, b, c, d] => (i32::from_le_bytes([a, b, c, d]), i32::MIN),
            _ => (0, 0),
        };
        match value.wrapping_sub(least) {
            0 => Integer::Missing,
            1 => Integer::End,
            _ => Integer::Value(value),
        }
    })
}

/// The bits of the single-precision value that ends a vector; every other NaN is missing.
pub(super) const END_OF_FLOATS: u32 = 0x7f80_0002;

/// Bytes of a record that are read from the start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl<'a> Cursor<'a> {
    /// The next `n` bytes.
    pub(super) fn take(&mut self, n: usize) -> Result<&'a [u8], Fault> {
        let (taken, rest) = self.0.split_at_checked(n).ok_or_else(early)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Fault> {
        let bytes = self.take(4)?.try_into().expect("4 bytes");
        Ok(u32::from_le_bytes(bytes))
    }

    pub(super) fn i32(&mut self) -> Result<i32, Fault> {
        Ok(self.u32()? as i32)
    }

    /// A descriptor: the type and the number of values.
    pub(super) fn descriptor(&mut self) -> Result<(Type, usize), Fault> {
        let byte = self.take(1)?[0];
        let kind = match byte & 0xf {
            0 => Type::Missing,
            1 => Type::Int8,
            2 => Type::Int16,
            3 => Type::Int32,
            5 => Type::Float,
            7 => Type::Char,
            kind => return Err(damaged(&format!("a value has the unknown type {kind}"))),
        };
        let n = match byte >> 4 {
            15 => self.integer()?,
            n => n.into(),
        };
        Ok((kind, n))
    }

    /// A single integer that is not negative, with its descriptor.
    pub(super) fn integer(&mut self) -> Result<usize, Fault> {
        let byte = self.take(1)?[0];
        let n_bytes = match byte {
            0x11 => 1,
            0x12 => 2,
            0x13 => 4,
            _ => return Err(damaged("a length or key is not an integer")),
        };
        let kind = [Type::Int8, Type::Int16, Type::Int32][n_bytes / 2];
        match integers(kind, self.take(n_bytes)?).next() {
            Some(Integer::Value(value)) if value >= 0 => Ok(value as usize),
            _ => Err(damaged("a length or key is negative")),
        }
    }

    /// A text with its descriptor.
    pub(super) fn text(&mut self) -> Result<&'a str, Fault> {
        let (kind, n) = self.descriptor()?;
        if kind == Type::Missing || n == 0 {
            return Ok(".");
        }
        if kind != Type::Char {
            return Err(damaged("an id or allele is not text"));
        }
        // Text may be padded with NUL.
        let text = std::str::from_utf8(self.take(n)?).map(|text| text.trim_end_matches('\0'));
        match text {
            Ok("") => Ok("."),
            Ok(text) => Ok(text),
            Err(_) => Err(damaged("an id or allele is not UTF-8")),
        }
    }
}

#[cold]
fn early() -> Fault {
    damaged("a value extends beyond it")
}

/// A record that does not follow the format.
#[cold]
pub(super) fn damaged(what: &str) -> Fault {
    Fault::new(format!("the BCF record is damaged: {what}"), DAMAGED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_a_type_and_a_length() {
        let mut cursor = Cursor(&[
            0x37, b'r', b's', b'1', 0x07, 0x00, 0x11, 9, 0x13, 1, 2, 0, 0, 0xf1, 0x11, 20, 0x27,
            b'a', 0,
        ]);
        assert_eq!(
            [cursor.text(), cursor.text(), cursor.text()],
            [Ok("rs1"), Ok("."), Ok(".")]
        );
        assert_eq!([cursor.integer(), cursor.integer()], [Ok(9), Ok(513)]);
        assert_eq!(cursor.descriptor(), Ok((Type::Int8, 20)));
        assert_eq!(cursor.text(), Ok("a"));
        for bytes in [
            &[][..],
            &[0x37, b'r'],
            &[0x11],
            &[0xf7],
            &[0xf7, 0x11, 0xff],
            &[0xf7, 0x13, 255, 255, 255, 127],
            &[0x14],
            &[0x11, 1],
            &[0x27, 0xff, 0xff],
        ] {
            assert!(Cursor(bytes).text().is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn integers_have_two_reserved_values() {
        use Integer::{End, Missing, Value};
        let of = |kind, bytes: &[u8]| integers(kind, bytes).collect::<Vec<_>>();
        assert_eq!(
            of(Type::Int8, &[4, 0x80, 0x81, 0xff]),
            [Value(4), Missing, End, Value(-1)]
        );
        assert_eq!(
            of(Type::Int16, &[0, 1, 0, 0x80, 1, 0x80]),
            [Value(256), Missing, End]
        );
        assert_eq!(
            of(Type::Int32, &[0, 0, 1, 0, 1, 0, 0, 0x80]),
            [Value(65536), End]
        );
        assert!(of(Type::Missing, &[]).is_empty());
    }
}
