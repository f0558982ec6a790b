//! `--part I/N`: computes a part of a run and writes its file.

use crate::backend::{Backend, CpuBackend};
use crate::cli::args::Args;
use crate::cli::progress::Terminal;
use crate::cli::report;
use crate::cli::run::Setting;
use crate::error::{Error, Result, escaped};
use crate::io::text::count;
use crate::output::file::{OutputFile, OutputPlace};
use crate::pipeline::parts::PartNumber;
use crate::pipeline::parts::file::{PartWriter, suffix};
use crate::pipeline::{self, Job, Role};

/// Computes part `text` of `job`, made from `args`.
///
/// * `words`: the arguments in double-dash spelling
pub(crate) fn run(
    text: &str,
    mut job: Job,
    args: &Args,
    words: &[String],
    setting: &Setting<'_>,
) -> Result<()> {
    let part: PartNumber = text.parse().map_err(|why| {
        let cure = "give a part and the number of parts: --part 3/16 is the third of sixteen";
        Error::option("--part", why, cure)
    })?;
    let files = job.files.take().unwrap_or_default();
    let place = files.place();
    place.check()?;
    OutputFile::check(&place.path(&suffix(part)))?;
    let backend: Box<dyn Backend> = match args.backend {
        None if job.only_of_rust().is_some() => Box::new(CpuBackend),
        asked => setting.backends.choose(asked, job.machine.memory)?,
    };
    let observer = Terminal::new(args.silence, setting.is_cancelled);
    observer.banner();
    let computed = (|| {
        let of_part = pipeline::Setting {
            role: Role::Part,
            ..pipeline::Setting::new(&*backend, &observer)
        };
        let prepared = pipeline::prepare(job, of_part)?;
        let place = OutputPlace::new(&files.directory, &files.prefix)?;
        let mut file = PartWriter::create(&place, part)?;
        Ok((prepared.compute_part(part, &mut file)?, file))
    })();
    observer.clear();
    let (computed, file) = computed?;
    let of_run = without(&words[1..], "--part");
    let path = file.finish(computed.identity, of_run, computed.is_kinship)?;
    if !args.silence {
        let snps = &computed.snps;
        report::print(format_args!(
            "part {part}: {}, wrote {} in {:.2} s",
            if snps.is_empty() {
                "no SNP".to_owned()
            } else {
                let n = count(snps.len(), "SNP");
                format!("{n} ({} to {})", snps.start + 1, snps.end)
            },
            escaped(&path.to_string_lossy()),
            computed.report.total_time.as_secs_f64()
        ));
    }
    Ok(())
}

/// The arguments without the option `name` and its value.
pub(crate) fn without(words: &[String], name: &str) -> Vec<String> {
    let attached = format!("{name}=");
    let mut rest = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == name {
            words.next();
        } else if !word.starts_with(&attached) {
            rest.push(word.clone());
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_is_not_among_the_words_of_the_run() {
        let words = ["jamma", "gk", "--part", "1/2", "--bfile", "d"].map(String::from);
        assert_eq!(without(&words, "--part"), ["jamma", "gk", "--bfile", "d"]);
        let words = ["jamma", "--bfile", "d", "--gk", "1", "--part=2/2"].map(String::from);
        assert_eq!(
            without(&words, "--part"),
            ["jamma", "--bfile", "d", "--gk", "1"]
        );
    }
}
