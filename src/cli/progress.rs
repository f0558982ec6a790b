//! Progress bars on a terminal, notes on standard error, and a summary at the end.

use super::report::{print, print_to_stderr};
use super::terminal;
use crate::error::escaped;
use crate::kernels;
use crate::output::number::format_g;
use crate::output::report::{RunReport, TraitReport};
use crate::output::{diagnostics, log};
use crate::progress::{Observer, Progress, Stage};
use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt::{Display, Write};
use std::sync::Mutex;
use std::time::Duration;

/// Traits and files that are listed in the summary.
const SHOWN: usize = 24;
/// Steps of a bar that shows a fraction.
const PERMILLE: u64 = 1000;

/// Templates of progress lines, each within 80 columns: of a stage with SNPs, with a known fraction, and with neither.
const SNPS_LINE: &str = "{msg:20!} [{bar:8}] {percent:>3} % of {total} SNPs{rate}{left}";
const FRACTION_LINE: &str = "{msg:20!} [{bar:24}] {percent:>3} %, {elapsed}{left}";
const PLAIN_LINE: &str = "{msg:20!} {spinner} {elapsed}";

/// Shows a run on the terminal. Bars are drawn only if standard error is a terminal; `-silence` suppresses everything.
pub struct Terminal<'a> {
    is_silent: bool,
    is_cancelled: &'a (dyn Fn() -> bool + Sync),
    bar: Mutex<Option<ProgressBar>>,
}

impl<'a> Terminal<'a> {
    /// * `is_cancelled`: returns true when the run is to stop
    pub fn new(is_silent: bool, is_cancelled: &'a (dyn Fn() -> bool + Sync)) -> Self {
        Self {
            is_silent,
            is_cancelled,
            bar: Mutex::new(None),
        }
    }

    /// Prints the version and the instruction set.
    pub(super) fn banner(&self) {
        if !self.is_silent {
            let (version, kernels) = (env!("CARGO_PKG_VERSION"), kernels::instruction_set());
            print(format_args!("jamma {version} ({kernels})"));
        }
    }

    /// Removes the bar, before an error is printed.
    pub fn clear(&self) {
        if let Some(bar) = self.bar.lock().expect("no panic while drawing").take() {
            bar.finish_and_clear();
        }
    }

    /// Prints GEMMA's counts, the numbers excluded, the null model, and the paths of the outputs.
    pub(super) fn summary(&self, report: &RunReport) {
        if self.is_silent {
            return;
        }
        let first = report.first();
        line("number of total individuals", &first.ledger.total);
        if report.are_several {
            line("number of total SNPs/var", &report.n_snps);
            line("number of traits", &report.traits.len());
            let analysed = report.traits.iter().filter(|of| of.failure.is_none());
            analysed.clone().take(SHOWN).for_each(brief_summary);
            let n_more = analysed.count().saturating_sub(SHOWN);
            if n_more > 0 {
                print(format_args!(
                    "and {n_more} more traits, which are in the log"
                ));
            }
        } else {
            summary_of(report, first);
        }
        let n_more = report.outputs.len().saturating_sub(SHOWN);
        for path in &report.outputs[n_more..] {
            print(format_args!("wrote {}", escaped(&path.to_string_lossy())));
        }
        if n_more > 0 {
            print(format_args!("wrote {n_more} more files"));
        }
        print(format_args!(
            "done in {:.2} s",
            report.total_time.as_secs_f64()
        ));
    }
}

fn line(label: &str, value: &dyn Display) {
    print(format_args!("## {label} = {value}"));
}

/// The counts and the null model of the only trait.
fn summary_of(report: &RunReport, of: &TraitReport) {
    line("number of analyzed individuals", &of.ledger.analysed);
    line("number of covariates", &of.n_covariates);
    line("number of phenotypes", &1);
    line("number of total SNPs/var", &report.n_snps);
    line("number of analyzed SNPs/var", &of.filter.kept);
    for (what, count) in log::exclusions(of).into_iter().filter(|(_, n)| *n > 0) {
        line(&what, &count);
    }
    if let Some(null) = &of.null {
        let [pve, se] = [null.pve, null.pve_se].map(|x| format_g(x, 6));
        print(format_args!("pve estimate = {pve}, se(pve) = {se}"));
    }
    for chromosome in &of.chromosomes {
        let pve = chromosome.null.as_ref().map_or_else(String::new, |null| {
            let [pve, se] = [null.pve, null.pve_se].map(|x| format_g(x, 6));
            format!(", pve estimate = {pve}, se(pve) = {se}")
        });
        print(format_args!(
            "chromosome {}: {} SNPs analyzed, {} in the kinship without it{pve}",
            escaped(&chromosome.name),
            chromosome.n_tested,
            chromosome.n_kinship_snps
        ));
    }
    for text in of.permutations.iter().flat_map(log::thresholds) {
        print(text);
    }
    for (label, value) in diagnostics::lines(of) {
        line(&label, &value);
    }
}

/// One line on one of several traits.
fn brief_summary(of: &TraitReport) {
    let pve = of.null.as_ref().map_or_else(String::new, |null| {
        let [pve, se] = [null.pve, null.pve_se].map(|x| format_g(x, 6));
        format!(", pve estimate = {pve}, se(pve) = {se}")
    });
    print(format_args!(
        "trait {}: {} individuals, {} SNPs analyzed{pve}",
        escaped(&of.name),
        of.ledger.analysed,
        of.filter.kept
    ));
}

impl Terminal<'_> {
    fn begin(&self, stage: Stage, n_snps: Option<u64>) {
        if self.is_silent || !terminal::has_moving_lines() {
            return;
        }
        let (bar, template) = match n_snps {
            Some(n_snps) => (ProgressBar::new(n_snps), SNPS_LINE),
            None => (ProgressBar::new_spinner(), PLAIN_LINE),
        };
        bar.set_draw_target(ProgressDrawTarget::stderr());
        bar.set_style(
            ProgressStyle::with_template(template)
                .expect("the template is valid")
                .with_key("total", write_total)
                .with_key("rate", write_rate)
                .with_key("left", write_left)
                .progress_chars("=> "),
        );
        bar.set_message(stage.name());
        bar.enable_steady_tick(Duration::from_millis(200));
        *self.bar.lock().expect("no panic while drawing") = Some(bar);
    }

    fn advance(&self, n_snps: u64) {
        if let Some(bar) = &*self.bar.lock().expect("no panic while drawing") {
            bar.inc(n_snps);
        }
    }

    fn show_fraction(&self, done: f64) {
        if let Some(bar) = &*self.bar.lock().expect("no panic while drawing") {
            if bar.length().is_none() {
                bar.set_length(PERMILLE);
                bar.set_style(
                    ProgressStyle::with_template(FRACTION_LINE)
                        .expect("the template is valid")
                        .with_key("left", write_left)
                        .progress_chars("=> "),
                );
            }
            bar.set_position((done * PERMILLE as f64) as u64);
        }
    }
}

impl Observer for Terminal<'_> {
    fn on(&self, progress: Progress<'_>) {
        match progress {
            Progress::Began { stage, n_snps } => self.begin(stage, n_snps),
            Progress::Advanced(n_snps) => self.advance(n_snps),
            Progress::Fraction(done) => self.show_fraction(done),
            Progress::Ended => self.clear(),
            Progress::Note(_) if self.is_silent => {}
            Progress::Note(text) => print_to_stderr(format_args!("note: {text}")),
        }
    }

    fn is_cancelled(&self) -> bool {
        (self.is_cancelled)()
    }
}

/// Writes the number of SNPs of the stage.
fn write_total(state: &ProgressState, out: &mut dyn Write) {
    let _ = out.write_str(&brief_count(state.len().unwrap_or_default()));
}

/// Writes the number of SNPs per second, once some are done.
fn write_rate(state: &ProgressState, out: &mut dyn Write) {
    if state.pos() > 0 {
        let _ = write!(out, ", {}/s", brief_number(state.per_sec()));
    }
}

/// A count with thousands separated, in millions from 100 million on.
fn brief_count(count: u64) -> String {
    match count {
        0..100_000_000 => HumanCount(count).to_string(),
        _ => format!("{} M", HumanCount(count / 1_000_000)),
    }
}

/// A number with at most four characters and its unit.
fn brief_number(x: f64) -> String {
    match x {
        x if x < 1e3 => format!("{x:.0}"),
        x if x < 1e4 => format!("{:.1}k", x / 1e3),
        x if x < 1e6 => format!("{:.0}k", x / 1e3),
        x if x < 1e7 => format!("{:.1}M", x / 1e6),
        x => format!("{:.0}M", (x / 1e6).min(9999.0)),
    }
}

/// Writes the time left, once there is a rate.
fn write_left(state: &ProgressState, out: &mut dyn Write) {
    if state.pos() > 0 {
        // A formatting error is no reason to stop the run.
        let _ = write!(out, ", {} left", brief(state.eta()));
    }
}

/// A time in its largest unit, at most seven characters.
fn brief(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", (seconds / 86_400).min(9999)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use indicatif::TermLike;
    use std::io::Result;
    use std::sync::Arc;

    /// A wide terminal that stores what is written.
    #[derive(Debug, Clone, Default)]
    struct Paper(Arc<Mutex<String>>);

    impl TermLike for Paper {
        fn width(&self) -> u16 {
            200
        }
        fn move_cursor_up(&self, _: usize) -> Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> Result<()> {
            self.write_str(text)
        }
        fn write_str(&self, text: &str) -> Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }
        fn clear_line(&self) -> Result<()> {
            Ok(())
        }
        fn flush(&self) -> Result<()> {
            Ok(())
        }
    }

    /// The line of a bar.
    fn line(template: &str, total: u64, done: u64, stage: &str) -> String {
        let paper = Paper::default();
        let bar = ProgressBar::with_draw_target(
            Some(total),
            ProgressDrawTarget::term_like(Box::new(paper.clone())),
        );
        let style = ProgressStyle::with_template(template).unwrap();
        let style = style
            .with_key("total", write_total)
            .with_key("rate", write_rate)
            .with_key("left", write_left);
        bar.set_style(style.progress_chars("=> "));
        bar.set_message(stage.to_owned());
        bar.set_position(done);
        paper.0.lock().unwrap().clear();
        bar.force_draw();
        let text = paper.0.lock().unwrap().clone();
        // indicatif pads the line with blanks to overwrite the previous one.
        text.trim_end().to_owned()
    }

    #[test]
    fn every_line_fits_eighty_columns() {
        for stage in [
            "kinship",
            "reading the kinship",
            "a stage with a name that is long",
        ] {
            for (total, done) in [
                (1, 0),
                (10_300, 10_300),
                (90_000_000, 12_345_678),
                (9_000_000_000, 1),
            ] {
                for template in [SNPS_LINE, FRACTION_LINE, PLAIN_LINE] {
                    let line = line(template, total, done, stage);
                    assert!(!line.is_empty() && line.chars().count() < 80, "{line}");
                }
            }
        }
        let line = line(SNPS_LINE, 10_300, 5_150, "association");
        assert!(
            line.starts_with("association          [====>   ]  50 % of 10,300 SNPs, ")
                && line.contains("/s, ")
                && line.ends_with(" left"),
            "{line}"
        );
    }

    #[test]
    fn numbers_are_brief() {
        for (x, text) in [
            (0.0, "0"),
            (999.4, "999"),
            (1234.0, "1.2k"),
            (512_345.0, "512k"),
            (1.26e6, "1.3M"),
            (f64::INFINITY, "9999M"),
        ] {
            assert_eq!(brief_number(x), text);
        }
        assert_eq!(brief_count(90_000_000), "90,000,000");
        assert_eq!(brief_count(9_000_000_000), "9,000 M");
    }

    #[test]
    fn times_are_brief() {
        for (seconds, text) in [
            (0, "0 s"),
            (119, "119 s"),
            (7199, "119 min"),
            (172_799, "47 h"),
            (u64::MAX, "9999 d"),
        ] {
            assert_eq!(brief(Duration::from_secs(seconds)), text);
        }
    }
}
