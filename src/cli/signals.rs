//! Signals that end a run: partial outputs are removed, and the exit status is 128 plus the signal number.
//!
//! A separate thread waits for them, so that a run ends even while it is blocked by a slow disk, a pipe without a writer, or a
//! stopped terminal.

#[cfg(unix)]
pub(super) use of_unix::end_run_on_signals;

/// Handles Ctrl-C and its equivalents on systems without Unix signals.
#[cfg(not(unix))]
pub(super) fn end_run_on_signals() {
    // If this fails, an interrupted run leaves partial outputs under hidden names; results are not affected.
    let _ = ctrlc::set_handler(|| {
        crate::output::file::remove_unfinished_for_good();
        super::report::interrupted("an interrupt");
        super::exit::exit_at_once(130);
    });
}

#[cfg(unix)]
mod of_unix {
    use crate::cli::exit::exit_at_once;
    use crate::cli::report;
    use crate::output::file::remove_unfinished_for_good;
    use signal_hook::consts::{
        SIGALRM, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU, SIGXFSZ,
    };
    use signal_hook::iterator::Signals;
    use signal_hook::low_level;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    use std::sync::mpsc::sync_channel;
    use std::thread::Builder;

    /// Signals that are sent to end a process, and end it unless they are handled.
    const ENDING: [i32; 8] = [
        SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGXCPU,
    ];

    /// Handles the signals that were not ignored when this process started.
    ///
    /// SIGHUP is ignored under `nohup`, and SIGINT and SIGQUIT in background jobs of scripts; these stay ignored.
    pub(crate) fn end_run_on_signals() {
        let ignored = ignored_signals();
        if !is_in(ignored, SIGXFSZ) {
            // A write beyond `ulimit -f` then fails with an error, which is reported.
            let _ = signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
        }
        let wanted: Vec<i32> = ENDING
            .into_iter()
            .filter(|&signal| !is_in(ignored, signal))
            .collect();
        // The thread itself installs the handlers: if it cannot start, handled signals would be lost.
        let (ready, is_ready) = sync_channel(1);
        let started = Builder::new().name("jamma-signals".into()).spawn(move || {
            let signals = Signals::new(wanted);
            let _ = ready.send(());
            if let Ok(mut signals) = signals
                && let Some(signal) = signals.forever().next()
            {
                end(signal);
            }
        });
        // Without handlers, signals end the process at once, and partial outputs are left under hidden names.
        if started.is_ok() {
            let _ = is_ready.recv();
        }
    }

    fn end(signal: i32) -> ! {
        remove_unfinished_for_good();
        let name = low_level::signal_name(signal).unwrap_or("a signal");
        report::interrupted(name);
        exit_at_once(128 + signal)
    }

    fn is_in(mask: u64, signal: i32) -> bool {
        mask >> (signal - 1) & 1 == 1
    }

    /// The mask of ignored signals: bit s − 1 is set if signal s is ignored.
    fn ignored_signals() -> u64 {
        std::fs::read_to_string("/proc/self/status")
            .ok()
            .and_then(|status| of_status(&status))
            .or_else(of_ps)
            .unwrap_or(0)
    }

    fn of_status(status: &str) -> Option<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        u64::from_str_radix(line?.trim(), 16).ok()
    }

    /// The mask as printed by `ps`, for systems without `/proc`.
    fn of_ps() -> Option<u64> {
        let id = std::process::id().to_string();
        let ps = std::process::Command::new("ps")
            .args(["-o", "sigignore=", "-p", &id])
            .stderr(std::process::Stdio::null())
            .output()
            .ok()?;
        u64::from_str_radix(std::str::from_utf8(&ps.stdout).ok()?.trim(), 16).ok()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_mask_of_ignored_signals_is_read() {
            let mask = of_status("Name:\tjamma\nSigIgn:\t0000000000001003\nSigCgt:\t0\n").unwrap();
            assert!(is_in(mask, SIGHUP) && is_in(mask, SIGINT));
            assert!(!is_in(mask, SIGTERM));
            assert!(is_in(mask, 13));
            assert_eq!(of_status("Name:\tjamma\n"), None);
        }
    }
}
