//! Runs work in a separate thread, while the calling thread handles signals and progress in Python.

use super::exit::{self, Inside};
use super::memory::FailedAllocations;
use super::watch::{Position, Watch};
use crate::error::{Error, Result};
use crate::output::file::OutputPlace;
use pyo3::prelude::*;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// Interval at which the calling thread checks signals and progress.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// How long to wait for an interrupted run before it is left to end by itself.
const PATIENCE: Duration = Duration::from_millis(700);

/// Marks the work of a watch as ended when it is dropped, even after a panic.
struct EndsWhenDropped(Arc<Watch>);

impl Drop for EndsWhenDropped {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Work in progress that sends messages of type `M`. It is cancelled on drop.
pub(super) struct Background<M> {
    watch: Arc<Watch>,
    messages: Option<Receiver<M>>,
    thread: Option<JoinHandle<()>>,
    /// Where the work writes files.
    place: Option<OutputPlace>,
    progress: Option<Py<PyAny>>,
    shown: Option<Position>,
    failed_allocations: FailedAllocations,
}

impl<M: Send + 'static> Background<M> {
    /// Starts `work`, which blocks while more than one of its messages has not been received.
    ///
    /// * `progress`: called with the name of a stage and the fraction of it that is done, or `None` if that is not known
    pub(super) fn start(
        watch: Watch,
        place: Option<OutputPlace>,
        progress: Option<Py<PyAny>>,
        work: impl FnOnce(&Watch, &SyncSender<M>) + Send + 'static,
    ) -> Result<Self> {
        let watch = Arc::new(watch);
        let (send, messages) = sync_channel(1);
        let of_thread = Arc::clone(&watch);
        exit::watch(Arc::downgrade(&watch));
        let failed_allocations = FailedAllocations::so_far();
        let thread = Builder::new()
            .name("jamma-run".into())
            .spawn(move || {
                let of_thread = EndsWhenDropped(of_thread);
                work(&of_thread.0, &send);
            })
            .map_err(|source| Error::Io {
                verb: "start a thread",
                path: "".into(),
                source,
            })?;
        Ok(Self {
            watch,
            messages: Some(messages),
            thread: Some(thread),
            place,
            progress,
            shown: None,
            failed_allocations,
        })
    }

    /// The next message; `None` after the last.
    ///
    /// If a signal (Ctrl-C) or the progress callback raises an exception, the work is cancelled and leaves no partial output.
    pub(super) fn next(&mut self, py: Python<'_>) -> PyResult<Option<M>> {
        let inside = Inside::enter(py);
        loop {
            let Some(messages) = &mut self.messages else {
                return Ok(None);
            };
            // Borrowed exclusively, so that it can be used without the lock.
            let received = inside.without_lock(py, move || messages.recv_timeout(POLL_INTERVAL));
            match received {
                Ok(message) => {
                    self.show_progress(py)?;
                    return Ok(Some(message));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    self.messages = None;
                    let thread = self.thread.take();
                    if thread.is_some_and(|thread| thread.join().is_err()) {
                        return Err(pyo3::exceptions::PyRuntimeError::new_err(
                            "a thread of the run panicked: please report this with the message above",
                        ));
                    }
                    return Ok(None);
                }
                Err(RecvTimeoutError::Timeout) => {
                    let alive = py
                        .check_signals()
                        .and_then(|()| self.failed_allocations.check(py))
                        .and_then(|()| self.show_progress(py));
                    if let Err(raised) = alive {
                        inside.without_lock(py, || self.cancel());
                        return Err(raised);
                    }
                }
            }
        }
    }

    fn show_progress(&mut self, py: Python<'_>) -> PyResult<()> {
        let Some(progress) = &self.progress else {
            return Ok(());
        };
        let position = *self.watch.current();
        if position == self.shown {
            return Ok(());
        }
        if let Some(position) = &position {
            progress.call1(py, (position.stage.name(), position.fraction()))?;
        }
        self.shown = position;
        Ok(())
    }

    /// Cancels the work and waits briefly. A stage that cannot stop in time ends later, without writing a file.
    pub(super) fn cancel(&mut self) {
        self.watch.cancel();
        // A thread that waits to send then returns at once.
        self.messages = None;
        let Some(thread) = self.thread.take() else {
            return;
        };
        let begun = Instant::now();
        while !thread.is_finished() && begun.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.watch.end();
        if !thread.is_finished()
            && let Some(place) = &self.place
        {
            place.remove_unfinished();
        }
        if let Some(terminal) = &self.watch.terminal {
            terminal.clear();
        }
    }
}

impl<M> Drop for Background<M> {
    fn drop(&mut self) {
        self.watch.cancel();
    }
}

/// The result of `work`, which runs in a separate thread.
pub(super) fn in_background<T: Send + 'static>(
    py: Python<'_>,
    work: impl FnOnce(&Watch) -> Result<T> + Send + 'static,
) -> PyResult<T> {
    let mut background = Background::start(Watch::new(false), None, None, |watch, send| {
        // The receiver is gone if the work was cancelled.
        let _ = send.send(work(watch));
    })?;
    match background.next(py)? {
        Some(result) => Ok(result?),
        None => Err(Error::Interrupted.into()),
    }
}
