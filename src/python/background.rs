//! Work in a thread of its own, while the calling thread looks after Python: signals and progress.

use super::exit::{self, Inside};
use super::memory::Refusals;
use super::watch::{Position, Watch};
use crate::error::{Error, Result};
use crate::output::file::OutputPlace;
use pyo3::prelude::*;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// How often the calling thread looks at signals and progress.
const LOOK: Duration = Duration::from_millis(50);
/// How long an interrupted run is waited for before it is left to end by itself.
const PATIENCE: Duration = Duration::from_millis(700);

/// The work of a watch, which is over when this is dropped, whatever happened.
struct EndsWhenDropped(Arc<Watch>);

impl Drop for EndsWhenDropped {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Work under way that sends messages of type `M`; dropped, it is told to stop.
pub(super) struct Background<M> {
    watch: Arc<Watch>,
    messages: Option<Receiver<M>>,
    thread: Option<JoinHandle<()>>,
    /// Where it writes.
    place: Option<OutputPlace>,
    progress: Option<Py<PyAny>>,
    shown: Option<Position>,
    refusals: Refusals,
}

impl<M: Send + 'static> Background<M> {
    /// Starts `work`, which has few messages to send ahead of their being received.
    ///
    /// * `progress`: called with the name of a stage and the share of it that is done, a number or `None`
    pub(super) fn start(
        watch: Watch,
        place: Option<OutputPlace>,
        progress: Option<Py<PyAny>>,
        work: impl FnOnce(&Watch, &SyncSender<M>) + Send + 'static,
    ) -> Result<Self> {
        let watch = Arc::new(watch);
        let (send, messages) = sync_channel(1);
        let theirs = Arc::clone(&watch);
        exit::watch(Arc::downgrade(&watch));
        let refusals = Refusals::so_far();
        let thread = Builder::new()
            .name("jamma-run".into())
            .spawn(move || {
                let theirs = EndsWhenDropped(theirs);
                work(&theirs.0, &send);
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
            refusals,
        })
    }

    /// The next message; `None` after the last.
    ///
    /// A signal that raises (Ctrl-C), or progress that does, ends the work and leaves no half file.
    pub(super) fn next(&mut self, py: Python<'_>) -> PyResult<Option<M>> {
        let inside = Inside::enter(py);
        loop {
            let Some(messages) = &mut self.messages else {
                return Ok(None);
            };
            // Of one owner, which a thread without the lock may use.
            let received = inside.without_lock(py, move || messages.recv_timeout(LOOK));
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
                        .and_then(|()| self.refusals.check(py))
                        .and_then(|()| self.show_progress(py));
                    if let Err(raised) = alive {
                        inside.without_lock(py, || self.give_up());
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

    /// Tells the work to stop and waits a little; a stage that cannot stop soon ends by itself later, without a file.
    pub(super) fn give_up(&mut self) {
        self.watch.cancel();
        // Whoever waits to send finds nobody.
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

/// The result of `work`, done in a thread of its own.
pub(super) fn in_background<T: Send + 'static>(
    py: Python<'_>,
    work: impl FnOnce(&Watch) -> Result<T> + Send + 'static,
) -> PyResult<T> {
    let mut background = Background::start(Watch::new(false), None, None, |watch, send| {
        // The receiver is gone when the work was given up.
        let _ = send.send(work(watch));
    })?;
    match background.next(py)? {
        Some(result) => Ok(result?),
        None => Err(Error::Interrupted.into()),
    }
}
