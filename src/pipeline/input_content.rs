//! Checksums by which the inputs of the parts of a run are compared.
//!
//! Every part, the run that merges them and every worker of a cluster compute them, so they must be cheap: of large files, they
//! cover blocks that are spread over the whole file. Two files of different content almost always differ there, unless they
//! differ in a few places only. docs/parts.md says what is compared.

use crate::io::content::Content;
use std::fs::File;
use std::io::{Read, Result, Seek, SeekFrom};
use std::path::Path;

/// Largest file whose bytes are all compared; XXH3 needs about 20 ms for it.
const LARGEST_WHOLE: u64 = 64 << 20;
/// Largest matrix whose bytes are all compared: about 11,000 individuals. The numbers of a larger one that jamma wrote have a
/// checksum in its `.id` file, which is compared, and with which the numbers are compared when they are read.
const LARGEST_MATRIX: u64 = 1 << 30;
/// Number and bytes of the blocks that are compared of a larger file. The first begins and the last ends with the file.
const N_BLOCKS: u64 = 128;
const BLOCK: u64 = 64 << 10;
/// Number and largest size of the chunks of a large store that are compared.
const N_CHUNKS: usize = 128;
const LARGEST_CHUNK: u64 = 1 << 20;
/// How the names of the files of a Zarr store end that are not chunks.
const OF_METADATA: [&str; 5] = [".zarray", ".zattrs", ".zgroup", ".zmetadata", "zarr.json"];

/// The size of the file at `path`, and its checksum.
pub(super) fn content_of(path: &Path, bytes: u64, is_matrix: bool) -> String {
    let largest = if is_matrix {
        LARGEST_MATRIX
    } else {
        LARGEST_WHOLE
    };
    let mut content = Content::default();
    match add(&mut content, path, bytes, (largest, N_BLOCKS)) {
        Ok(()) => format!("{bytes} bytes, {}", content.digest()),
        Err(reason) => format!("{bytes} bytes that cannot be read ({reason})"),
    }
}

/// The number and size of the `files` of a store, and the checksum of their names, sizes and contents.
pub(super) fn content_of_store(store: &Path, files: &[(&Path, u64)]) -> String {
    let mut content = Content::default();
    let total: u64 = files.iter().map(|(_, bytes)| bytes).sum();
    let mut chunks = Vec::new();
    let mut whole = Vec::new();
    for &(path, bytes) in files {
        let name = path.strip_prefix(store).unwrap_or(path).to_string_lossy();
        content.add(name.as_bytes());
        content.add(&[0]);
        content.add(&bytes.to_le_bytes());
        if total <= LARGEST_WHOLE || OF_METADATA.iter().any(|end| name.ends_with(end)) {
            whole.push((path, bytes));
        } else {
            chunks.push((path, bytes));
        }
    }
    let added = (|| -> Result<()> {
        for (path, bytes) in whole {
            add(&mut content, path, bytes, (LARGEST_WHOLE, N_BLOCKS))?;
        }
        for (path, bytes) in spread(&chunks, N_CHUNKS) {
            add(
                &mut content,
                path,
                bytes,
                (LARGEST_CHUNK, LARGEST_CHUNK / BLOCK),
            )?;
        }
        Ok(())
    })();
    match added {
        Ok(()) => format!(
            "{} files of {total} bytes, {}",
            files.len(),
            content.digest()
        ),
        Err(reason) => format!("{} files that cannot be read ({reason})", files.len()),
    }
}

/// `n` of `all`, evenly spread from the first to the last.
fn spread<T: Copy>(all: &[T], n: usize) -> Vec<T> {
    if all.len() <= n {
        return all.to_vec();
    }
    (0..n).map(|k| all[k * (all.len() - 1) / (n - 1)]).collect()
}

/// Adds a file of at most `largest` bytes, or else `n` blocks of it.
fn add(content: &mut Content, path: &Path, bytes: u64, (largest, n): (u64, u64)) -> Result<()> {
    let mut file = File::open(path)?;
    if bytes <= largest {
        std::io::copy(&mut file, content)?;
        return Ok(());
    }
    let last = u128::from(bytes - BLOCK);
    let mut block = vec![0; BLOCK as usize];
    for k in 0..u128::from(n) {
        let start = k * last / u128::from(n - 1);
        file.seek(SeekFrom::Start(start as u64))?;
        file.read_exact(&mut block)?;
        content.add(&block);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_a_large_file_are_spread_over_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let n_bytes = 300 * BLOCK as usize + 5;
        let mut bytes: Vec<u8> = (0..n_bytes).map(|i| (i * i % 251) as u8).collect();
        let digest = |bytes: &[u8], largest: u64| {
            std::fs::write(&path, bytes).unwrap();
            let mut content = Content::default();
            add(&mut content, &path, n_bytes as u64, (largest, N_BLOCKS)).unwrap();
            content.digest()
        };
        let whole = digest(&bytes, n_bytes as u64);
        let of_blocks = digest(&bytes, 1);
        assert_ne!(whole, of_blocks);
        // A changed stretch of three blocks is noticed wherever it is, and so are the first and the last byte.
        let stretch = 3 * BLOCK as usize;
        for start in [0, n_bytes / 3, n_bytes / 2, n_bytes - stretch] {
            let mut changed = bytes.clone();
            changed[start..start + stretch]
                .iter_mut()
                .for_each(|byte| *byte ^= 1);
            assert_ne!(digest(&changed, 1), of_blocks, "{start}");
        }
        for at in [0, n_bytes - 1] {
            bytes[at] ^= 1;
            assert_ne!(digest(&bytes, 1), of_blocks, "{at}");
            assert_ne!(digest(&bytes, n_bytes as u64), whole, "{at}");
            bytes[at] ^= 1;
        }
        assert_eq!(digest(&bytes, 1), of_blocks);
    }

    #[test]
    fn a_store_is_compared_by_the_names_and_contents_of_its_files() {
        let folder = tempfile::tempdir().unwrap();
        let content = |store: &str, files: &[(&str, &str)]| {
            let store = folder.path().join(store);
            let mut listed = Vec::new();
            for (name, text) in files {
                let path = store.join(name);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(&path, text).unwrap();
                listed.push((path, text.len() as u64));
            }
            let listed: Vec<(&Path, u64)> = (listed.iter())
                .map(|(path, bytes)| (path.as_path(), *bytes))
                .collect();
            content_of_store(&store, &listed)
        };
        let files = [("a/0", "x"), ("b/0", "y")];
        let known = content("one", &files);
        assert!(known.starts_with("2 files of 2 bytes, xxh3:"), "{known}");
        assert_eq!(content("two", &files), known);
        // Chunks of different arrays have the same names.
        assert_ne!(content("three", &[("a/0", "x"), ("b/0", "z")]), known);
        assert_ne!(content("four", &[("a/0", "x"), ("c/0", "y")]), known);
        assert_ne!(content("five", &[("a/0", "y"), ("b/0", "x")]), known);
    }

    #[test]
    fn some_of_many_are_evenly_spread() {
        let all: Vec<usize> = (0..1000).collect();
        let some = spread(&all, 128);
        assert_eq!((some.len(), some[0], some[127]), (128, 0, 999));
        assert!(
            some.windows(2)
                .all(|two| (6..=9).contains(&(two[1] - two[0])))
        );
        assert_eq!(spread(&all[..3], 128), [0, 1, 2]);
    }
}
