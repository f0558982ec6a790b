//! The checksum of a matrix file.

use std::path::Path;

use super::content::Content;
use super::npy;
use super::text::{Lines, WIDE, for_each_batch_of};
use crate::error::Result;

impl Content {
    /// Reads the file at `path` to compute its checksum.
    ///
    /// * `is_array`: whether it is a `.npy` file
    pub fn of_file(path: &Path, is_array: bool) -> Result<Self> {
        let mut content = Self::default();
        if is_array {
            npy::add_content(path, &mut content)?;
        } else {
            for_each_batch_of(Lines::open_with(path, WIDE)?, Some(&mut content), |_, _| {
                Ok(())
            })?;
        }
        Ok(content)
    }
}

#[cfg(test)]
mod tests {
    use super::super::content::Digest;
    use super::super::text::testing::{file, gzip};
    use super::*;

    fn digest(content: impl AsRef<[u8]>) -> Digest {
        Content::of_file(file(content).path(), false)
            .unwrap()
            .digest()
    }

    #[test]
    fn the_checksum_of_text_is_that_of_its_lines() {
        let expected = digest("1\t2\n3\t4\n");
        for same in [
            "1\t2\r\n3\t4\r\n",
            "1\t2\n3\t4",
            "\u{feff}1\t2\n3\t4\n\n \n",
        ] {
            assert_eq!(digest(same), expected, "{same:?}");
            assert_eq!(digest(gzip(same)), expected, "{same:?}");
        }
        for other in ["1\t2\n3\t5\n", "1\t2\n", "1\t23\t4\n", "3\t4\n1\t2\n"] {
            assert_ne!(digest(other), expected, "{other:?}");
        }
        let mut written = Content::default();
        written.add(b"1\t2\n3");
        written.add(b"\t4\n");
        assert_eq!(written.digest(), expected);
    }
}
