//! Which backend a command runs on.

use super::values::Words;
use crate::backend::{Backend, CpuBackend};
use crate::error::{Error, Result};
use clap::ArgMatches;

/// The backends that a command may choose from.
pub trait Backends: Sync {
    /// The backend of a run.
    ///
    /// * `asked`: the value of `--backend`, `rust` or `jax`; it stands over `JAMMA_BACKEND`
    ///
    /// Fails with [`Error::Backend`] where it cannot be had, with what to install.
    fn choose(&self, asked: Option<&str>) -> Result<Box<dyn Backend>>;

    /// The name of the backend of a run without `--backend`.
    fn selected(&self) -> Result<String>;
}

/// The program alone has one backend; asking for another must not pass unnoticed.
#[derive(Debug, Clone, Copy, Default)]
pub struct RustOnly;

impl Backends for RustOnly {
    fn choose(&self, asked: Option<&str>) -> Result<Box<dyn Backend>> {
        if let Some(other) = asked.filter(|name| *name != "rust") {
            return Err(refused(
                &format!("--backend {other}"),
                "leave --backend out",
            ));
        }
        match std::env::var("JAMMA_BACKEND").as_deref() {
            _ if asked.is_some() => Ok(Box::new(CpuBackend)),
            Err(_) | Ok("" | "rust") => Ok(Box::new(CpuBackend)),
            Ok(other) => Err(refused(
                &format!("JAMMA_BACKEND={other}"),
                "unset JAMMA_BACKEND or set it to rust",
            )),
        }
    }

    fn selected(&self) -> Result<String> {
        Ok("rust".into())
    }
}

fn refused(what: &str, instead: &str) -> Error {
    Error::Backend {
        what: format!("{what}: this binary has only the backend rust"),
        hint: format!(
            "{instead}; the backend jax comes with the Python package: pip install '.[jax]' in a checkout, then run its `jamma`"
        ),
    }
}

/// The value of `--backend`.
pub(super) fn asked(matches: &ArgMatches) -> Result<Option<&'static str>> {
    let words = Words(matches);
    if words.text("backend").is_none() {
        return Ok(None);
    }
    words
        .choice("backend", &[("rust", "rust"), ("jax", "jax")])
        .map(Some)
}
