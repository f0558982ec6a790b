//! `jamma._core`: the extension module of the Python package.
//!
//! A thin layer: Python objects are converted to typed arguments ([`options`]) and inputs in memory, the pipeline runs in a
//! separate thread, and results are converted to NumPy arrays. The interpreter lock is released during the computation. The
//! calling thread wakes up several times a second to show progress and to let signals (Ctrl-C) end the run ([`background`]).
//! Errors are raised as Python's exception classes with the text of the command line ([`errors`]).

mod argument_names;
mod array_source;
mod backend;
mod background;
mod block_array;
mod collector;
mod command;
mod constants;
mod eigenpairs;
mod elsewhere;
mod errors;
mod exit;
mod given;
mod individuals;
mod matrices;
mod memory;
mod message;
mod object;
mod options;
mod report;
mod run;
mod scan;
mod study;
mod table;
mod watch;
mod worker;

use pyo3::prelude::*;

#[pymodule]
#[pyo3(name = "_core")]
fn core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    memory::watch();
    exit::register(module)?;
    module.add_class::<run::Run>()?;
    module.add_class::<study::Study>()?;
    module.add_class::<worker::Worker>()?;
    for function in [
        wrap_pyfunction!(command::main, module)?,
        wrap_pyfunction!(command::kernels, module)?,
        wrap_pyfunction!(command::report, module)?,
        wrap_pyfunction!(command::threads, module)?,
        wrap_pyfunction!(constants::constants, module)?,
        wrap_pyfunction!(eigenpairs::read_eigen, module)?,
        wrap_pyfunction!(eigenpairs::write_eigen, module)?,
        wrap_pyfunction!(elsewhere::merge_kinships, module)?,
        wrap_pyfunction!(matrices::eigendecompose, module)?,
        wrap_pyfunction!(matrices::read_kinship, module)?,
        wrap_pyfunction!(matrices::write_kinship, module)?,
        wrap_pyfunction!(individuals::individuals, module)?,
    ] {
        module.add_function(function)?;
    }
    Ok(())
}
