//! Progress on a terminal, notes on standard error, a summary at the end.
#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "the command line speaks here"
)]

use crate::pipeline::{Observer, Report};
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::Duration;

/// The terminal, or nobody: bars are drawn only where standard error is a terminal, and nothing with `-silence`.
pub(super) struct Terminal {
    is_silent: bool,
    bar: Mutex<Option<ProgressBar>>,
}

impl Terminal {
    pub(super) fn new(is_silent: bool) -> Self {
        Self {
            is_silent,
            bar: Mutex::new(None),
        }
    }

    /// Who speaks.
    pub(super) fn banner(&self) {
        if !self.is_silent {
            println!(
                "jamma {} ({})",
                env!("CARGO_PKG_VERSION"),
                crate::kernels::instruction_set()
            );
        }
    }

    /// Takes the bar away, before an error is printed.
    pub(super) fn clear(&self) {
        if let Some(bar) = self.bar.lock().expect("no panic while drawing").take() {
            bar.finish_and_clear();
        }
    }

    /// GEMMA's counts, the null model, and where the files are.
    pub(super) fn summary(&self, report: &Report) {
        if self.is_silent {
            return;
        }
        let log = &report.log;
        println!("## number of total individuals = {}", log.ledger.total);
        println!(
            "## number of analyzed individuals = {}",
            log.ledger.analysed
        );
        println!("## number of covariates = {}", log.n_covariates);
        println!("## number of phenotypes = 1");
        println!("## number of total SNPs/var        = {:8}", log.n_snps);
        println!("## number of analyzed SNPs         = {:8}", log.filter.kept);
        if let Some(null) = &log.null {
            println!(
                "pve estimate = {:.6}, se(pve) = {:.6}",
                null.pve, null.pve_se
            );
        }
        for path in &report.outputs {
            println!("wrote {}", path.display());
        }
        println!("done in {:.2} s", log.total_time.as_secs_f64());
    }
}

impl Observer for Terminal {
    fn stage(&self, name: &str, total: Option<u64>) {
        if self.is_silent || !std::io::stderr().is_terminal() {
            return;
        }
        let (bar, template) = match total {
            Some(total) => (
                ProgressBar::new(total),
                "{msg:20} [{bar:30}] {human_pos}/{human_len} SNPs{rate}",
            ),
            None => (ProgressBar::new_spinner(), "{msg:20} {spinner} {elapsed}"),
        };
        bar.set_draw_target(ProgressDrawTarget::stderr());
        bar.set_style(
            ProgressStyle::with_template(template)
                .expect("a template of ours")
                .with_key("rate", write_rate)
                .progress_chars("=> "),
        );
        bar.set_message(name.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        *self.bar.lock().expect("no panic while drawing") = Some(bar);
    }

    fn advance(&self, units: u64) {
        if let Some(bar) = &*self.bar.lock().expect("no panic while drawing") {
            bar.inc(units);
        }
    }

    fn done(&self) {
        self.clear();
    }

    fn note(&self, text: &str) {
        if !self.is_silent {
            eprintln!("note: {text}");
        }
    }
}

/// Rate and time left, once there is a rate.
fn write_rate(state: &ProgressState, out: &mut dyn Write) {
    if state.pos() > 0 {
        let left = HumanDuration(state.eta());
        // A progress line that cannot be formatted is no reason to stop.
        let _ = write!(out, ", {:.0}/s, {left} left", state.per_sec());
    }
}
