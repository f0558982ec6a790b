//! The choice of the backend of a command.

use super::args::BackendName;
use crate::backend::{Backend, CpuBackend};
use crate::error::{Error, Result};

/// The backends that a command may choose from.
pub trait Backends: Sync {
    /// The backend of a run.
    ///
    /// * `asked`: the value of `--backend`, which takes precedence over `JAMMA_BACKEND`
    /// * `memory`: bytes that the run may use (`--memory`)
    ///
    /// Fails with [`Error::Backend`] if the backend is not available; the hint says what to install.
    fn choose(&self, asked: Option<BackendName>, memory: Option<u64>) -> Result<Box<dyn Backend>>;

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

fn unavailable(what: &str, instead: &str) -> Error {
    Error::Backend {
        what: format!("{what}: this binary has only the backend rust"),
        hint: format!(
            "{instead}; the backend jax is part of the Python package: run pip install '.[jax]' in a checkout, then use the `jamma` that it installs"
        ),
    }
}
