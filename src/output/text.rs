//! Text that a separate thread writes to a file, compressed if requested.

use super::file::OutputFile;
use crate::error::{Error, Result};
use crate::io::bgzf::{Bgzf, BlockOffsets};
use crate::io::md5::Md5;
use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// Number of portions that may wait for the disk.
const WAITING: usize = 2;

/// Whether text is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Packing {
    /// Uncompressed.
    #[default]
    Plain,
    /// Gzip in blocks (BGZF), for `gzip -d`, `bgzip` and `tabix`: `--gz`.
    Gzip,
}

impl Packing {
    /// The extension that is added to the name of a file.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Gzip => ".gz",
        }
    }
}

/// Writes portions of text in order, in the background.
///
/// An error of the disk is returned by a later [`write`](Self::write) or by [`finish`](Self::finish). If it is dropped
/// without `finish`, the file is removed, like an [`OutputFile`].
#[derive(Debug)]
pub struct TextFile {
    bgzf: Option<Bgzf>,
    /// The checksum of the file so far, if it is wanted.
    md5: Option<Md5>,
    writer: Writer,
}

/// What writes the portions.
#[derive(Debug)]
enum Writer {
    /// The thread that calls [`TextFile::write`].
    Here(OutputFile),
    /// A thread of its own.
    Background {
        portions: SyncSender<Vec<Vec<u8>>>,
        thread: JoinHandle<Result<OutputFile>>,
    },
    /// Nothing more: the file was completed, or an error was returned.
    Ended,
}

impl TextFile {
    /// Takes over `file`. Fails if no thread can be started.
    pub fn new(mut file: OutputFile, packing: Packing) -> Result<Self> {
        let path = file.path().to_path_buf();
        let (send, portions) = sync_channel::<Vec<Vec<u8>>>(WAITING);
        let thread = thread::Builder::new()
            .name("jamma-write".into())
            .spawn(move || {
                for texts in portions {
                    texts.iter().try_for_each(|text| file.write(text))?;
                }
                Ok(file)
            })
            .map_err(Error::io("start a thread to write", &path))?;
        Ok(Self {
            bgzf: (packing == Packing::Gzip).then(Bgzf::default),
            md5: None,
            writer: Writer::Background {
                portions: send,
                thread,
            },
        })
    }

    /// As [`new`](Self::new) if `in_background`, else as [`in_this_thread`](Self::in_this_thread).
    pub(super) fn begun(file: OutputFile, packing: Packing, in_background: bool) -> Result<Self> {
        if in_background {
            Self::new(file, packing)
        } else {
            Ok(Self::in_this_thread(file, packing))
        }
    }

    /// Also computes the MD5 checksum of the file, for [`complete_with_md5`](Self::complete_with_md5).
    #[must_use]
    pub(super) fn with_md5(mut self) -> Self {
        self.md5 = Some(Md5::default());
        self
    }

    /// Takes over `file`, and writes in the thread that calls [`write`](Self::write): for one of many files.
    #[must_use]
    pub fn in_this_thread(file: OutputFile, packing: Packing) -> Self {
        Self {
            bgzf: (packing == Packing::Gzip).then(Bgzf::default),
            md5: None,
            writer: Writer::Here(file),
        }
    }

    /// Appends `texts`. Compresses in the current thread pool, and waits only if the disk is far behind.
    pub fn write(&mut self, texts: Vec<Vec<u8>>) -> Result<()> {
        let texts = match &mut self.bgzf {
            Some(bgzf) => bgzf.add(&texts),
            None => texts,
        };
        self.send(texts)
    }

    fn send(&mut self, texts: Vec<Vec<u8>>) -> Result<()> {
        if let Some(md5) = &mut self.md5 {
            texts.iter().for_each(|text| md5.add(text));
        }
        match &mut self.writer {
            Writer::Here(file) => return texts.iter().try_for_each(|text| file.write(text)),
            Writer::Background { portions, .. } if portions.send(texts).is_ok() => return Ok(()),
            // The thread has ended, and only an error ends it early.
            Writer::Background { .. } | Writer::Ended => {}
        }
        self.written().map(drop)
    }

    /// Waits for the thread.
    fn written(&mut self) -> Result<OutputFile> {
        match std::mem::replace(&mut self.writer, Writer::Ended) {
            Writer::Here(file) => Ok(file),
            Writer::Background { portions, thread } => {
                drop(portions);
                thread.join().expect("the writing thread does not panic")
            }
            Writer::Ended => panic!("the file was finished, or its error returned"),
        }
    }

    /// Writes the rest; the file is then complete but still has its temporary name.
    pub fn complete(mut self) -> Result<OutputFile> {
        self.end()?;
        self.written()
    }

    /// As [`complete`](Self::complete), for compressed text: also where its blocks are.
    pub(super) fn complete_with_offsets(mut self) -> Result<(OutputFile, BlockOffsets)> {
        let bgzf = self.end()?.expect("the text is compressed");
        Ok((self.written()?, bgzf.offsets()))
    }

    /// As [`complete`](Self::complete), for text [with a checksum](Self::with_md5): also its digits.
    pub(super) fn complete_with_md5(mut self) -> Result<(OutputFile, String)> {
        self.end()?;
        let md5 = self.md5.take().expect("a checksum was asked for");
        Ok((self.written()?, md5.digits()))
    }

    /// Writes the last blocks.
    fn end(&mut self) -> Result<Option<Bgzf>> {
        let Some(mut bgzf) = self.bgzf.take() else {
            return Ok(None);
        };
        self.send(bgzf.finish())?;
        Ok(Some(bgzf))
    }

    /// Writes the rest, and gives the complete file its final name.
    pub fn finish(self) -> Result<PathBuf> {
        self.complete()?.finish()
    }
}

impl Drop for TextFile {
    /// The unfinished file is removed before this returns.
    fn drop(&mut self) {
        if let Writer::Background { .. } = self.writer {
            // The result does not matter: the run has already failed.
            drop(self.written());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::file::OutputPlace;

    #[test]
    fn portions_are_written_in_order_and_an_unfinished_file_disappears() {
        let folder = tempfile::tempdir().unwrap();
        let place = OutputPlace::new(folder.path(), "run").unwrap();
        let mut text = TextFile::new(place.create("txt").unwrap(), Packing::Plain).unwrap();
        for i in 0..100 {
            text.write(vec![vec![i; 3], vec![i; 70_000]]).unwrap();
        }
        let expected: Vec<u8> = (0..100).flat_map(|i| vec![i; 70_003]).collect();
        assert!(std::fs::read(text.finish().unwrap()).unwrap() == expected);
        let mut text = TextFile::new(place.create("gz").unwrap(), Packing::Gzip).unwrap();
        text.write(vec![vec![7; 1 << 22]]).unwrap();
        drop(text);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
