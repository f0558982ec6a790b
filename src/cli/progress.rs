//! Progress on a terminal, notes on standard error, a summary at the end.

use super::report::{say, tell};
use crate::error::escaped;
use crate::kernels;
use crate::output::number::format_g;
use crate::pipeline::{Observer, Report};
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt::{Display, Write};
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::Duration;

/// Steps of a bar that shows a share.
const PERMILLE: u64 = 1000;

/// The terminal, or nobody: bars are drawn only where standard error is a terminal, and nothing with `-silence`.
pub struct Terminal<'a> {
    is_silent: bool,
    is_cancelled: &'a (dyn Fn() -> bool + Sync),
    bar: Mutex<Option<ProgressBar>>,
}

impl<'a> Terminal<'a> {
    /// * `is_cancelled`: says when the run is to stop
    pub fn new(is_silent: bool, is_cancelled: &'a (dyn Fn() -> bool + Sync)) -> Self {
        Self {
            is_silent,
            is_cancelled,
            bar: Mutex::new(None),
        }
    }

    /// Who speaks.
    pub(super) fn banner(&self) {
        if !self.is_silent {
            let (version, kernels) = (env!("CARGO_PKG_VERSION"), kernels::instruction_set());
            say(format_args!("jamma {version} ({kernels})"));
        }
    }

    /// Takes the bar away, before an error is printed.
    pub fn clear(&self) {
        if let Some(bar) = self.bar.lock().expect("no panic while drawing").take() {
            bar.finish_and_clear();
        }
    }

    /// GEMMA's counts, who and what was left out, the null model, and where the files are.
    pub(super) fn summary(&self, report: &Report) {
        if self.is_silent {
            return;
        }
        let log = &report.log;
        let line = |label: &str, value: &dyn Display| say(format_args!("## {label} = {value}"));
        line("number of total individuals", &log.ledger.total);
        line("number of analyzed individuals", &log.ledger.analysed);
        line("number of covariates", &log.n_covariates);
        line("number of phenotypes", &1);
        line("number of total SNPs/var", &log.n_snps);
        line("number of analyzed SNPs/var", &log.filter.kept);
        for (what, count) in log.left_out().into_iter().filter(|(_, count)| *count > 0) {
            line(&what, &count);
        }
        if let Some(null) = &log.null {
            let [pve, se] = [null.pve, null.pve_se].map(|x| format_g(x, 6));
            say(format_args!("pve estimate = {pve}, se(pve) = {se}"));
        }
        for path in &report.outputs {
            say(format_args!("wrote {}", escaped(&path.to_string_lossy())));
        }
        say(format_args!(
            "done in {:.2} s",
            log.total_time.as_secs_f64()
        ));
    }
}

impl Observer for Terminal<'_> {
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

    fn share(&self, done: f64) {
        if let Some(bar) = &*self.bar.lock().expect("no panic while drawing") {
            if bar.length().is_none() {
                bar.set_length(PERMILLE);
                bar.set_style(
                    ProgressStyle::with_template("{msg:20} [{bar:30}] {percent} %, {elapsed}")
                        .expect("a template of ours")
                        .progress_chars("=> "),
                );
            }
            bar.set_position((done * PERMILLE as f64) as u64);
        }
    }

    fn done(&self) {
        self.clear();
    }

    fn note(&self, text: &str) {
        if !self.is_silent {
            tell(format_args!("note: {text}"));
        }
    }

    fn is_cancelled(&self) -> bool {
        (self.is_cancelled)()
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
