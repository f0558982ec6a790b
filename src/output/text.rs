//! Text on its way to a file: compressed where that is asked for, written by a thread of its own.

use super::file::OutputFile;
use crate::error::{Error, Result};
use crate::io::bgzf::Bgzf;
use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// Portions that may wait for the disk.
const WAITING: usize = 2;

/// Whether text is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Packing {
    /// As it is.
    #[default]
    Plain,
    /// Gzip in blocks (BGZF), for `gzip -d`, `bgzip` and `tabix`: `--gz`.
    Gzip,
}

impl Packing {
    /// What is added to the name of a file.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Gzip => ".gz",
        }
    }
}

/// Writes portions of text in order, behind the caller's back.
///
/// What the disk refuses comes out of a later [`write`](Self::write) or of [`finish`](Self::finish). Dropped without
/// `finish` the file disappears, as an [`OutputFile`] does.
#[derive(Debug)]
pub struct TextFile {
    bgzf: Option<Bgzf>,
    /// `None` once the last portion is sent.
    portions: Option<SyncSender<Vec<Vec<u8>>>>,
    /// `None` once it was waited for.
    thread: Option<JoinHandle<Result<OutputFile>>>,
}

impl TextFile {
    /// Takes `file` over; fails where the system starts no thread.
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
            portions: Some(send),
            thread: Some(thread),
        })
    }

    /// Appends `texts`; compresses in the current thread pool, and waits only where the disk is far behind.
    pub fn write(&mut self, texts: Vec<Vec<u8>>) -> Result<()> {
        let texts = match &mut self.bgzf {
            Some(bgzf) => bgzf.add(&texts),
            None => texts,
        };
        self.send(texts)
    }

    fn send(&mut self, texts: Vec<Vec<u8>>) -> Result<()> {
        let portions = self.portions.as_ref().expect("the file is not finished");
        if portions.send(texts).is_ok() {
            return Ok(());
        }
        // The thread has ended, and only an error ends it early.
        self.written().map(drop)
    }

    /// Waits for the thread.
    fn written(&mut self) -> Result<OutputFile> {
        self.portions = None;
        let thread = self.thread.take().expect("the thread was not waited for");
        thread.join().expect("the writing thread does not panic")
    }

    /// Writes what is left; the file is complete and has its temporary name still.
    pub fn complete(mut self) -> Result<OutputFile> {
        if let Some(bgzf) = self.bgzf.take() {
            self.send(bgzf.finish())?;
        }
        self.written()
    }

    /// Writes what is left, and puts the complete file in its place.
    pub fn finish(self) -> Result<PathBuf> {
        self.complete()?.finish()
    }
}

impl Drop for TextFile {
    /// The unfinished file is gone when this returns.
    fn drop(&mut self) {
        self.portions = None;
        if let Some(thread) = self.thread.take() {
            // Whatever became of it: the run has failed already.
            drop(thread.join());
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
