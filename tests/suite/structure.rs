//! The structure of the source: dependencies between modules, the places of external crates, and the length of files.

mod cycles;

use super::common::root;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The modules in order of dependency: each uses only those before it.
const ORDER: [&str; 23] = [
    "error",
    "progress",
    "kernels",
    "stats",
    "io",
    "genotype",
    "sources",
    "cohort",
    "kinship",
    "eigen",
    "rotation",
    "null",
    "permutation",
    "assoc",
    "output",
    "results",
    "backend",
    "method",
    "pipeline",
    "cost",
    "cli",
    "python",
    "main",
];

/// External crates and the only paths in which they may be named, separated by blanks.
const HOMES: &[(&str, &str)] = &[
    ("bed_reader", "sources/bed.rs sources/bed/"),
    ("tokio", "sources/bed/"),
    ("argmin", "null/optimize"),
    ("statrs", "stats/tails.rs"),
    ("zarrs", "io/zarr_store.rs"),
    ("rand_xoshiro", "permutation/shuffle.rs"),
    ("indicatif", "cli/"),
    ("clap", "cli/"),
    ("clap_complete", "cli/documents/"),
    ("clap_mangen", "cli/documents/"),
    ("terminal_size", "cli/terminal.rs"),
    ("ctrlc", "cli/"),
    ("signal_hook", "cli/"),
    (
        "chrono",
        "pipeline/ eigen/cache/header.rs cli/cache/show.rs",
    ),
    ("sysinfo", "pipeline/memory.rs"),
    ("rustix", "io/disk.rs output/ pipeline/memory.rs"),
    ("noodles", "io/vcf/header.rs io/vcf/index.rs"),
    ("flate2", "io/"),
    ("npyz", "io/"),
    ("memchr", "io/"),
    ("rusqlite", "io/bgen/bgi.rs"),
    ("zstd", "io/"),
    (
        "polars",
        "io/frame/ io/numeric/parquet.rs output/parquet.rs",
    ),
    ("bytemuck", "io/"),
    ("pulp", "kernels/ null/shared_grid.rs"),
    ("loom", "kernels/team/model.rs"),
    ("dyn_stack", "eigen/ kernels/cholesky.rs"),
    ("nix", "output/target.rs"),
    ("twox_hash", "io/content.rs"),
    ("zstd", "io/"),
    ("pyo3", "python/"),
    ("numpy", "python/"),
];

/// Lines of a file without its tests.
const MAX_LINES: usize = 400;

/// A source file: its path below `src/`, and its code without comments, text in quotes and tests.
struct Source {
    path: String,
    code: String,
    n_lines: usize,
}

fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    let src = root().join("src");
    let mut folders: Vec<PathBuf> = vec![src.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !path.ends_with("tests") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|e| e == "rs") {
                sources.push(read(&src, &path));
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(sources.len() > 30, "src/ was read");
    sources
}

fn read(src: &Path, path: &Path) -> Source {
    let text = std::fs::read_to_string(path).unwrap();
    // Tests come last, in modules of their own; `mod tests;` only declares a file.
    let is_module = |(at, found): &(usize, &str)| {
        let line = text[at + found.len()..].lines().next().unwrap_or_default();
        line.contains("mod ") && line.ends_with('{')
    };
    let tests = text.match_indices("#[cfg(test)]\n").find(is_module);
    let untested = &text[..tests.map_or(text.len(), |(at, _)| at)];
    Source {
        path: path
            .strip_prefix(src)
            .unwrap()
            .to_str()
            .unwrap()
            .replace('\\', "/"),
        code: untested.lines().map(|line| code_of(line) + "\n").collect(),
        n_lines: untested.lines().count(),
    }
}

/// A line without its comment and without text in quotes.
fn code_of(line: &str) -> String {
    let line = if line.trim_start().starts_with("//") {
        ""
    } else {
        line
    };
    let (mut code, mut is_quoted, mut before) = (String::new(), false, ' ');
    for (i, c) in line.char_indices() {
        if c == '"' && before != '\\' && before != '\'' {
            is_quoted = !is_quoted;
        } else if !is_quoted {
            if line[i..].starts_with("// ") {
                break;
            }
            code.push(c);
        }
        before = c;
    }
    code
}

impl Source {
    /// The top-level module that contains it.
    fn module(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }

    /// The modules of this crate that it uses: `crate::x` and `crate::{x, y::z}`.
    fn uses(&self) -> Vec<String> {
        let mut uses = Vec::new();
        let paths = self
            .code
            .match_indices("crate::")
            .map(|(at, found)| (at, &self.code[at + found.len()..]));
        for (at, rest) in paths {
            if self.code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                continue;
            }
            match rest.strip_prefix('{') {
                Some(group) => uses.extend(heads(group)),
                None => uses.push(identifier(rest)),
            }
        }
        uses
    }

    /// Whether a path leaves its own top-level module by `super::`, which hides it from the check of dependencies.
    fn leaves_its_module(&self) -> bool {
        let folders = self.path.matches('/').count();
        let depth = if self.path.ends_with("mod.rs") {
            folders
        } else {
            folders + 1
        };
        self.code.contains(&"super::".repeat(depth))
    }

    /// Whether `name` occurs in the code as a whole word.
    fn names(&self, name: &str) -> bool {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        self.code.match_indices(name).any(|(at, _)| {
            !self.code[..at].ends_with(is_word)
                && !self.code[at + name.len()..].starts_with(is_word)
        })
    }
}

fn identifier(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

/// The first identifier of each branch of `{a, b::c, d::{e, f}}`, from after the opening brace on.
fn heads(group: &str) -> Vec<String> {
    let (mut depth, mut is_head, mut heads) = (0, true, Vec::new());
    for (i, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => is_head = true,
            c if is_head && c.is_alphabetic() => {
                heads.push(identifier(&group[i..]));
                is_head = false;
            }
            _ => {}
        }
    }
    heads
}

#[test]
fn a_module_uses_only_modules_to_its_left() {
    let rank = |module: &str| ORDER.iter().position(|m| *m == module);
    let mut broken = String::new();
    for source in sources().iter().filter(|source| source.path != "lib.rs") {
        assert!(
            !source.leaves_its_module(),
            "{}: a path with too many `super::`; write `crate::`",
            source.path
        );
        let own = rank(source.module())
            .unwrap_or_else(|| panic!("{} is in no known module", source.path));
        for used in source.uses() {
            // Anything else would be a re-export or an item of the crate root, of which there are none.
            let Some(rank) = rank(&used) else {
                panic!("{}: crate::{used} is not a module", source.path)
            };
            if rank > own {
                writeln!(broken, "{} uses {used}", source.path).unwrap();
            }
        }
    }
    assert!(
        broken.is_empty(),
        "against the order of dependency:\n{broken}"
    );
}

#[test]
fn an_external_crate_is_named_only_in_its_place() {
    let mut strays = String::new();
    for source in sources() {
        for (name, _) in HOMES.iter().filter(|(name, homes)| {
            let is_home = homes.split(' ').any(|home| source.path.starts_with(home));
            source.names(name) && !is_home
        }) {
            writeln!(strays, "{} names {name}", source.path).unwrap();
        }
    }
    assert!(strays.is_empty(), "{strays}");
}

#[test]
fn unsafe_code_is_in_the_kernels_only() {
    for source in sources()
        .iter()
        .filter(|source| !source.path.starts_with("kernels/"))
    {
        assert!(!source.names("unsafe"), "{}", source.path);
    }
}

#[test]
fn instructions_are_detected_as_tokens() {
    for source in sources() {
        let detects = source.names("is_x86_feature_detected");
        assert!(!detects, "{}: use a token of kernels/cpu.rs", source.path);
    }
}

#[test]
fn only_the_command_line_prints_and_ends_the_process() {
    for source in sources()
        .iter()
        .filter(|source| !source.path.starts_with("cli/"))
    {
        for name in ["println", "eprintln", "print", "eprint", "dbg"] {
            assert!(
                !source.code.contains(&format!("{name}!(")),
                "{} has {name}!",
                source.path
            );
        }
        assert!(!source.code.contains("process::exit"), "{}", source.path);
    }
}

#[test]
fn no_file_is_too_long_to_read() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|source| source.n_lines > MAX_LINES)
        .map(|source| format!("{}: {} lines", source.path, source.n_lines))
        .collect();
    assert!(
        long.is_empty(),
        "more than {MAX_LINES} lines without tests: {long:?}"
    );
}

#[test]
fn comments_and_quoted_text_are_not_code() {
    assert_eq!(
        code_of("let a = \"crate::x // y\"; b(); // crate::z"),
        "let a = ; b(); "
    );
    assert_eq!(code_of("    /// crate::cli"), "");
    assert_eq!(heads("a::B, c::{d, e}, f}; g"), ["a", "c", "f"]);
    let source = Source {
        path: "io/x.rs".into(),
        code: "use crate::{error::E, io}; crate::cli::f".into(),
        n_lines: 1,
    };
    assert_eq!(
        (source.module(), source.uses()),
        ("io", vec!["error".into(), "io".into(), "cli".into()])
    );
    assert!(source.names("cli") && !source.names("cl"));
    let climbs = |path: &str, code: &str| {
        Source {
            path: path.into(),
            code: code.into(),
            n_lines: 1,
        }
        .leaves_its_module()
    };
    assert!(climbs("io/x.rs", "super::super::null") && !climbs("io/x.rs", "super::text"));
    assert!(climbs("io/mod.rs", "super::null") && climbs("backend.rs", "super::null"));
}
