//! Every way a run can fail, as one enum. It depends on no other module.
//!
//! Files are *malformed* (the bytes violate the format), *inconsistent* (two inputs disagree) or the study is *degenerate*
//! (well-formed input on which the model cannot be fitted). A SNP that cannot be tested is a row with `nan`, never an error.

mod shown;

pub use shown::{escaped, shown};

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// `Result` with jamma's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a run failed: what is wrong, where, and the numbers, with a remedy as a hint.
///
/// `Display` is one line without a final period; [`Error::hint`] is the remedy. Both escape control characters and shorten
/// very long ids, which may come from files or the command line.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The operating system failed to open, read or write a file.
    Io {
        /// What was attempted, as a verb: `open`, `read`, `write`.
        verb: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file at a URL cannot be read.
    Remote {
        /// The URL, without credentials.
        url: PathBuf,
        /// The kind of error that the operating system would report for a local file.
        kind: io::ErrorKind,
        /// What the server or the network reported.
        what: String,
        /// The remedy.
        hint: String,
    },
    /// A file violates its format.
    Malformed {
        /// The file.
        path: PathBuf,
        /// 1-based line of a text file.
        line: Option<u64>,
        /// What was found and what was expected.
        what: String,
        /// The remedy.
        hint: String,
    },
    /// Two inputs disagree with each other.
    Inconsistent {
        /// Which inputs, and how they disagree.
        what: String,
        /// The remedy.
        hint: String,
    },
    /// The input is well-formed but the model cannot be fitted to it.
    Degenerate {
        /// What is degenerate.
        what: String,
        /// The remedy.
        hint: String,
    },
    /// An option has an impossible value, or is not supported.
    InvalidOption {
        /// The option as typed by users, with its dash.
        option: String,
        /// What is wrong with it.
        what: String,
        /// The remedy.
        hint: String,
    },
    /// The run does not fit in memory or on disk.
    Memory {
        /// How much is needed and how much there is.
        what: String,
        /// The remedy.
        hint: String,
    },
    /// A numerical method did not converge.
    NoConvergence {
        /// Which method, on what.
        what: String,
    },
    /// The run was cancelled.
    Interrupted,
    /// The chosen backend cannot run here.
    Backend {
        /// Which backend, and why not.
        what: String,
        /// The remedy.
        hint: String,
    },
}

impl Error {
    /// An [`Error::Io`] made by `map_err(Error::io("open", path))`.
    pub fn io(verb: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { verb, path, source }
    }

    /// An [`Error::Malformed`] at a 1-based line of a text file.
    pub fn malformed_line(
        path: &Path,
        line: u64,
        what: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self::Malformed {
            path: path.to_path_buf(),
            line: Some(line),
            what: what.into(),
            hint: hint.into(),
        }
    }

    /// An [`Error::Malformed`] that concerns the whole file.
    pub fn malformed(path: &Path, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Malformed {
            path: path.to_path_buf(),
            line: None,
            what: what.into(),
            hint: hint.into(),
        }
    }

    /// An [`Error::Inconsistent`].
    pub fn inconsistent(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Inconsistent {
            what: what.into(),
            hint: hint.into(),
        }
    }

    /// An [`Error::Degenerate`].
    pub fn degenerate(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Degenerate {
            what: what.into(),
            hint: hint.into(),
        }
    }

    /// An [`Error::InvalidOption`]; `option` is given with its dash.
    pub fn option(
        option: impl Into<String>,
        what: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self::InvalidOption {
            option: option.into(),
            what: what.into(),
            hint: hint.into(),
        }
    }

    /// An [`Error::Memory`]: the system could not start `n` threads, for lack of memory for their stacks or because of a limit.
    pub fn threads(n: usize, reason: &dyn fmt::Display) -> Self {
        Self::Memory {
            what: format!("cannot start {n} threads: {reason}"),
            hint: "use fewer threads (--threads), or raise the limits on memory and processes (ulimit -v, ulimit -u)"
                .into(),
        }
    }

    /// The remedy, if one is known.
    pub fn hint(&self) -> Option<Cow<'_, str>> {
        let hint = match self {
            Self::Io { source, .. } => return io_hint(source).map(Cow::Borrowed),
            Self::Interrupted => "partial outputs were removed",
            Self::NoConvergence { .. } => {
                "please report this with the log and, if possible, the input"
            }
            Self::Remote { hint, .. }
            | Self::Malformed { hint, .. }
            | Self::Inconsistent { hint, .. }
            | Self::Degenerate { hint, .. }
            | Self::InvalidOption { hint, .. }
            | Self::Memory { hint, .. }
            | Self::Backend { hint, .. } => hint,
        };
        (!hint.is_empty()).then(|| Cow::Owned(shown(hint)))
    }

    /// Exit status of the command: 2 if the command line is wrong, 130 after an interruption, else 1.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::InvalidOption { .. } => 2,
            Self::Interrupted => 130,
            _ => 1,
        }
    }
}

/// The remedy for the most common system errors.
fn io_hint(source: &io::Error) -> Option<&'static str> {
    match source.kind() {
        io::ErrorKind::NotFound => {
            Some("check the path; a relative path starts from the current directory")
        }
        io::ErrorKind::PermissionDenied => {
            Some("check the permissions of the file and of its directory")
        }
        io::ErrorKind::StorageFull => Some("free some space, or choose another disk with -outdir"),
        io::ErrorKind::IsADirectory => Some("give the path of a file, not of a directory"),
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            Some("a file exists where a directory is needed; give another path")
        }
        io::ErrorKind::InvalidFilename => Some("give a shorter name"),
        _ => None,
    }
}

/// The system's reason in lower case and without its error number.
fn reason(source: &io::Error) -> String {
    let text = source.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = |path: &Path| escaped(&path.to_string_lossy());
        match self {
            Self::Io {
                verb,
                path: at,
                source,
            } => write!(f, "{}: cannot {verb}: {}", path(at), reason(source)),
            Self::Malformed {
                path: at,
                line: Some(line),
                what,
                ..
            } => write!(f, "{}:{line}: {}", path(at), shown(what)),
            Self::Remote { url: at, what, .. }
            | Self::Malformed {
                path: at,
                line: None,
                what,
                ..
            } => write!(f, "{}: {}", path(at), shown(what)),
            Self::InvalidOption { option, what, .. } => {
                write!(f, "{}: {}", shown(option), shown(what))
            }
            Self::Inconsistent { what, .. }
            | Self::Degenerate { what, .. }
            | Self::Memory { what, .. }
            | Self::NoConvergence { what }
            | Self::Backend { what, .. } => f.write_str(&shown(what)),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
