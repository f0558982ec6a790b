//! The choice of the backend of a command.

use super::args::BackendName;
use crate::backend::{Backend, CpuBackend};
use crate::error::{Error, Result};
use crate::pipeline::parts::Elsewhere;

/// The backends that a command may choose from.
pub trait Backends: Sync {
    /// The backend of a run.
    ///
    /// * `asked`: the value of `--backend`, which takes precedence over `JAMMA_BACKEND`
    /// * `memory`: bytes that the run may use (`--memory`)
    ///
    /// Fails with [`Error::Backend`] if the backend is not available; the hint says what to install.
    fn choose(&self, asked: Option<BackendName>, memory: Option<u64>) -> Result<Box<dyn Backend>>;

    /// The workers of the Dask cluster at `address` (`--dask`), for a run with these arguments.
    ///
    /// * `words`: the arguments in double-dash spelling, without `--dask`
    ///
    /// Fails with [`Error::Backend`] if Dask is not available.
    fn cluster<'a>(
        &self,
        address: &str,
        words: &[String],
        is_cancelled: &'a (dyn Fn() -> bool + Sync),
    ) -> Result<Box<dyn Elsewhere + 'a>> {
        let _ = (address, words, is_cancelled);
        Err(unavailable_cluster())
    }

    /// The name of the backend of a run without `--backend`.
    fn selected(&self) -> Result<String>;
}

/// The backend of the standalone program, which has no other; requesting another is an error.
#[derive(Debug, Clone, Copy, Default)]
pub struct RustOnly;

impl Backends for RustOnly {
    fn choose(&self, asked: Option<BackendName>, _: Option<u64>) -> Result<Box<dyn Backend>> {
        match asked {
            Some(BackendName::Rust) => return Ok(Box::new(CpuBackend)),
            Some(BackendName::Jax) => return Err(unavailable("--backend jax", "omit --backend")),
            None => {}
        }
        match std::env::var("JAMMA_BACKEND").as_deref() {
            Err(_) | Ok("" | "rust") => Ok(Box::new(CpuBackend)),
            Ok(other) => Err(unavailable(
                &format!("JAMMA_BACKEND={other}"),
                "unset JAMMA_BACKEND or set it to rust",
            )),
        }
    }

    fn selected(&self) -> Result<String> {
        Ok("rust".into())
    }
}

fn unavailable_cluster() -> Error {
    Error::Backend {
        what: "--dask: this binary cannot run on a Dask cluster".into(),
        hint: "use the `jamma` of the Python package with the extra `dask`, or compute parts in a job array: --part".into(),
    }
}

fn unavailable(what: &str, instead: &str) -> Error {
    Error::Backend {
        what: format!("{what}: this binary has only the backend rust"),
        hint: format!(
            "{instead}; the backend jax is part of the Python package: run pip install '.[jax]' in a checkout, then use the `jamma` that it installs"
        ),
    }
}
