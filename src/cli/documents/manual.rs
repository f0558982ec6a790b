//! `jamma man`: manual pages.

use super::clap_command::command;
use super::one_dash::{names, replaced};
use crate::cli::catalogue;
use crate::cli::description::{Description, OptionText};
use crate::cli::report::print;
use crate::cli::suggest;
use crate::cli::tool::Given;
use crate::error::{Error, Result, escaped};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use std::path::Path;

/// Prints a page, or writes all pages to a directory.
pub(super) fn run(given: &Given) -> Result<()> {
    let named = given
        .paths
        .first()
        .map(|name| name.to_string_lossy().into_owned());
    match (given.value("outdir"), named) {
        (None, None) => print(page(&catalogue::root()).trim_end()),
        (None, Some(name)) if name == "jamma" => print(page(&catalogue::root()).trim_end()),
        (None, Some(name)) => {
            let command = catalogue::command(&name).ok_or_else(|| no_page(&name))?;
            print(page(&command).trim_end());
        }
        (Some(directory), None) => write_all(Path::new(directory))?,
        (Some(_), Some(name)) => {
            return Err(Error::option(
                name,
                "with --outdir, all pages are written",
                "omit the name of the command, or --outdir",
            ));
        }
    }
    Ok(())
}

fn no_page(name: &str) -> Error {
    let hint = match suggest::command(name) {
        Some(command) => format!("did you mean `jamma man {command}`?"),
        None => "`jamma -h` lists the commands".to_owned(),
    };
    Error::option(name, "there is no such command", hint)
}

fn write_all(directory: &Path) -> Result<()> {
    std::fs::create_dir_all(directory).map_err(Error::io("create the directory", directory))?;
    let shown = catalogue::commands()
        .into_iter()
        .filter(|command| !command.is_hidden);
    let mut n_pages = 0;
    for of in std::iter::once(catalogue::root()).chain(shown) {
        let path = directory.join(format!("{}.1", title(&of)));
        std::fs::write(&path, page(&of)).map_err(Error::io("write", &path))?;
        n_pages += 1;
    }
    print(format_args!(
        "wrote {n_pages} pages to {}",
        escaped(&directory.to_string_lossy())
    ));
    Ok(())
}

/// The name of a page: `jamma-lmm`.
fn title(of: &Description) -> String {
    match of.name {
        "jamma" => "jamma".to_owned(),
        name => format!("jamma-{name}"),
    }
}

fn explanation(option: &OptionText) -> String {
    let others = match option.others.join(", ") {
        none if none.is_empty() => none,
        others => format!(" (also {others})"),
    };
    let default = option
        .default
        .map(|default| format!(" [default: {default}]"));
    format!("{}{others}{}", option.help, default.unwrap_or_default())
}

/// The page of a command in the language of `man`.
fn page(of: &Description) -> String {
    let name = title(of);
    let clap = command(of, &explanation)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .display_name(name.clone())
        // The first sentence is for `whatis`, which has one line.
        .about(of.about.split(". ").next().unwrap_or(of.about))
        .long_about(of.about)
        .override_usage(of.usage.join("\n"));
    let man = Man::new(clap)
        .title(name.to_uppercase())
        .source(format!("jamma {}", env!("CARGO_PKG_VERSION")))
        .manual("jamma");
    let mut text = Vec::new();
    let sections = [
        Man::render_title,
        Man::render_name_section,
        Man::render_synopsis_section,
        Man::render_description_section,
    ];
    for section in sections {
        section(&man, &mut text).expect("writing to memory does not fail");
    }
    if of.name == "jamma" {
        section(&mut text, "COMMANDS", |roff| {
            for command in catalogue::commands()
                .iter()
                .filter(|command| !command.is_hidden)
            {
                roff.control("TP", []);
                roff.text([bold(format!("{}(1)", title(command)))]);
                roff.text([roman(command.about)]);
            }
        });
    }
    if !of.options.is_empty() {
        man.render_options_section(&mut text)
            .expect("writing to memory does not fail");
    }
    if !of.notes.is_empty() {
        section(&mut text, "NOTES", |roff| {
            for note in &of.notes {
                roff.control("PP", []);
                roff.text([roman(*note)]);
            }
        });
    }
    if !of.examples.is_empty() {
        section(&mut text, "EXAMPLES", |roff| {
            for (line, about) in &of.examples {
                roff.control("TP", []);
                roff.text([bold(*line)]);
                roff.text([roman(*about)]);
            }
        });
    }
    section(&mut text, "SEE ALSO", |roff| {
        let shown = catalogue::commands()
            .into_iter()
            .filter(|command| !command.is_hidden);
        let pages = std::iter::once(catalogue::root()).chain(shown);
        let others = pages.filter(|page| page.name != of.name);
        let others: Vec<String> = others.map(|page| format!("{}(1)", title(&page))).collect();
        roff.text([roman(others.join(", "))]);
    });
    let text = String::from_utf8(text).expect("the descriptions are text");
    replaced(&text, [r"\-\-", r"\-"], &names(std::slice::from_ref(of)))
}

fn section(text: &mut Vec<u8>, heading: &str, content: impl FnOnce(&mut Roff)) {
    let mut roff = Roff::default();
    roff.control("SH", [heading]);
    content(&mut roff);
    roff.to_writer(text)
        .expect("writing to memory does not fail");
}
