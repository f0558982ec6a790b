//! Arrays of a Zarr store (versions 2 and 3) in a local directory, read with the `zarrs` crate.

use super::disk::will_read;
use crate::error::{Error, Result, escaped};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zarrs::array::{Array, ArraySubset, Element, ElementOwned};
use zarrs::filesystem::FilesystemStore;

/// A Zarr store in a directory.
#[derive(Debug, Clone)]
pub struct ZarrStore {
    path: PathBuf,
    store: Arc<FilesystemStore>,
}

impl ZarrStore {
    /// Opens the store in the directory `path`.
    ///
    /// Fails if it is not a directory, or has no Zarr group at its root.
    pub fn open(path: &Path) -> Result<Self> {
        let status = std::fs::metadata(path).map_err(Error::io("open", path))?;
        if !status.is_dir() {
            return Err(Error::malformed(
                path,
                "this is a file, expected the directory of a Zarr store",
                "unpack a zipped store first",
            ));
        }
        if ![".zgroup", "zarr.json"]
            .iter()
            .any(|name| path.join(name).is_file())
        {
            return Err(Error::malformed(
                path,
                "the directory is not a Zarr store: it has neither .zgroup nor zarr.json",
                "give the directory that bio2zarr wrote",
            ));
        }
        let store = FilesystemStore::new(path)
            .map_err(|reason| Error::malformed(path, reason.to_string(), ""))?;
        Ok(Self {
            path: path.to_path_buf(),
            store: Arc::new(store),
        })
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The array of this name; `None` if the store has none.
    pub fn array(&self, name: &str) -> Result<Option<ZarrArray>> {
        let directory = self.path.join(name);
        if ![".zarray", "zarr.json"]
            .iter()
            .any(|file| directory.join(file).is_file())
        {
            return Ok(None);
        }
        let array = Array::open(Arc::clone(&self.store), &format!("/{name}"))
            .map_err(|reason| damaged(&directory, &reason))?;
        Ok(Some(ZarrArray {
            path: directory,
            store: self.path.clone(),
            array,
        }))
    }

    /// The array of this name. Fails if the store has none.
    pub fn required(&self, name: &str) -> Result<ZarrArray> {
        self.array(name)?.ok_or_else(|| {
            Error::malformed(
                &self.path,
                format!("the store has no array `{name}`"),
                "give a VCF Zarr store as bio2zarr writes it",
            )
        })
    }
}

/// An array of a store.
#[derive(Debug)]
pub struct ZarrArray {
    path: PathBuf,
    store: PathBuf,
    array: Array<FilesystemStore>,
}

impl ZarrArray {
    /// The directory of the array.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The lengths of its dimensions.
    #[must_use]
    pub fn shape(&self) -> &[u64] {
        self.array.shape()
    }

    /// The number of indices along dimension 0 in one chunk.
    pub fn chunk_length(&self) -> Result<usize> {
        let origin = vec![0; self.shape().len()];
        let shape = self.array.chunk_shape(&origin);
        let shape = shape.map_err(|reason| damaged(&self.path, &reason))?;
        Ok(shape.first().map_or(1, |length| length.get() as usize))
    }

    /// The numbers of chunks that are absent, and of all chunks. An absent chunk is read as zeros (or its fill value).
    #[must_use]
    pub fn absent_chunks(&self) -> (usize, usize) {
        let grid = self.array.chunk_grid_shape();
        let n_chunks: u64 = grid.iter().product();
        let mut indices = vec![0_u64; grid.len()];
        let mut n_absent = 0;
        for _ in 0..n_chunks {
            let key = self.array.chunk_key(&indices);
            n_absent += usize::from(!self.store.join(key.as_str()).is_file());
            for (index, &length) in indices.iter_mut().zip(grid).rev() {
                *index += 1;
                if *index < length {
                    break;
                }
                *index = 0;
            }
        }
        (n_absent, n_chunks as usize)
    }

    /// Announces that the chunks with index `row` in dimension 0 will be read, so that the system reads them meanwhile.
    pub fn will_read(&self, row: u64) {
        let grid = self.array.chunk_grid_shape();
        let per_row: u64 = grid[1..].iter().product();
        for chunk in 0..per_row {
            let mut rest = chunk;
            let mut indices = vec![row; grid.len()];
            for (index, &length) in indices[1..].iter_mut().zip(&grid[1..]).rev() {
                (*index, rest) = (rest % length, rest / length);
            }
            will_read(&self.store.join(self.array.chunk_key(&indices).as_str()));
        }
    }

    /// Elements of a range of dimension 0 and all of the others, in row-major order.
    ///
    /// Fails if the elements are not of type `T`, or a chunk cannot be decoded.
    pub fn read<T: ElementOwned>(&self, range: &Range<usize>) -> Result<Vec<T>> {
        let first = std::iter::once(range.start as u64..range.end as u64);
        let others = self.shape()[1..].iter().map(|&length| 0..length);
        let ranges: Vec<Range<u64>> = first.chain(others).collect();
        self.array
            .retrieve_array_subset::<Vec<T>>(&ArraySubset::new_with_ranges(&ranges))
            .map_err(|reason| {
                Error::malformed(
                    &self.path,
                    format!(
                        "rows {} to {} cannot be read: {}",
                        range.start + 1,
                        range.end,
                        escaped(&reason.to_string())
                    ),
                    "copy or convert the store again",
                )
            })
    }

    /// Whether the elements are of type `T`.
    #[must_use]
    pub fn has_type<T: Element>(&self) -> bool {
        T::validate_data_type(self.array.data_type()).is_ok()
    }

    /// The same, of integers of any width.
    pub fn integers(&self, range: &Range<usize>) -> Result<Vec<i64>> {
        /// Integers of a narrower type.
        fn wide<T: Into<i64>>(values: Vec<T>) -> Vec<i64> {
            values.into_iter().map(Into::into).collect()
        }
        if self.has_type::<i8>() {
            return self.read::<i8>(range).map(wide);
        }
        if self.has_type::<i16>() {
            return self.read::<i16>(range).map(wide);
        }
        if self.has_type::<i32>() {
            return self.read::<i32>(range).map(wide);
        }
        if self.has_type::<i64>() {
            return self.read::<i64>(range);
        }
        if self.has_type::<u8>() {
            return self.read::<u8>(range).map(wide);
        }
        if self.has_type::<u16>() {
            return self.read::<u16>(range).map(wide);
        }
        if self.has_type::<u32>() {
            return self.read::<u32>(range).map(wide);
        }
        Err(self.wrong_type("integers"))
    }

    /// The same, of single-precision numbers, whose bits tell missing values from padding.
    pub fn floats(&self, range: &Range<usize>) -> Result<Vec<f32>> {
        if !self.has_type::<f32>() {
            return Err(self.wrong_type("32-bit floating-point numbers"));
        }
        self.read(range)
    }

    /// All strings.
    pub fn strings(&self) -> Result<Vec<String>> {
        if !self.has_type::<String>() {
            return Err(self.wrong_type("strings"));
        }
        self.read(&(0..self.shape()[0] as usize))
    }

    fn wrong_type(&self, expected: &str) -> Error {
        Error::malformed(
            &self.path,
            format!(
                "the elements are {}, expected {expected}",
                self.array.data_type()
            ),
            "give a VCF Zarr store as bio2zarr writes it",
        )
    }
}

fn damaged(path: &Path, reason: &dyn std::fmt::Display) -> Error {
    Error::malformed(
        path,
        format!(
            "the array cannot be opened: {}",
            escaped(&reason.to_string())
        ),
        "copy or convert the store again",
    )
}
