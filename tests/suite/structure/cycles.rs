//! Import cycles between files. Every path in the source is resolved to the file that defines it.
//!
//! A re-export (`pub use`) does not count as an import by the file that contains it. A file that uses the name imports the
//! file that defines it.

use super::{Source, sources};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// TEMPORARY: modules whose cycles are still to be removed. Delete a module from this list when it has none.
const NOT_YET: [&str; 1] = ["io"];

/// A path as written in the source, and the name under which it is used there.
#[derive(Debug, Clone, PartialEq)]
struct Path {
    segments: Vec<String>,
    name: String,
}

impl Path {
    /// Converts a path in an inline module, nested `depth` deep, to a path of the file.
    fn leave(&mut self, depth: usize) {
        let climbs = self.segments.iter().take_while(|s| *s == "super").count();
        if climbs > 0 {
            self.segments.drain(..climbs.min(depth));
            if climbs <= depth {
                self.segments.insert(0, "self".to_owned());
            }
        }
    }
}

/// The paths of one file.
#[derive(Debug, Default)]
struct Paths {
    used: Vec<Path>,
    exported: BTreeMap<String, Path>,
}

/// Splits code into identifiers, `::`, and single other characters.
fn tokens(code: &str) -> Vec<&str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let (mut tokens, mut rest) = (Vec::new(), code.trim_start());
    while let Some(first) = rest.chars().next() {
        let length = if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        tokens.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    tokens
}

fn is_identifier(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// The paths of `a::{b, c::d as e}` from token number `at` on, and the index of the token after them.
fn tree(tokens: &[&str], mut at: usize) -> (Vec<Path>, usize) {
    let token = |at: usize| tokens.get(at).copied().unwrap_or_default();
    if token(at) == "{" {
        let mut paths = Vec::new();
        at += 1;
        while !["}", ""].contains(&token(at)) {
            if token(at) == "," {
                at += 1;
                continue;
            }
            let (more, next) = tree(tokens, at);
            paths.extend(more);
            at = next.max(at + 1);
        }
        return (paths, at + 1);
    }
    let head = token(at).to_owned();
    at += 1;
    if token(at) == "::" && (is_identifier(token(at + 1)) || ["{", "*"].contains(&token(at + 1))) {
        let (mut paths, next) = tree(tokens, at + 1);
        for path in &mut paths {
            path.segments.insert(0, head.clone());
        }
        return (paths, next);
    }
    let name = if token(at) == "as" {
        at += 2;
        token(at - 1).to_owned()
    } else {
        head.clone()
    };
    let segments = vec![head];
    (vec![Path { segments, name }], at)
}

/// The source as a tree of modules.
struct Modules {
    /// The file of each module, by its path from the root.
    files: BTreeMap<Vec<String>, String>,
    /// The paths in each file.
    paths: BTreeMap<String, Paths>,
}

fn module_of(file: &str) -> Vec<String> {
    let file = file.trim_end_matches(".rs").trim_end_matches("/mod");
    let parts = file.split('/').map(str::to_owned);
    parts.filter(|part| part != "lib").collect()
}

impl Modules {
    fn of(sources: &[Source]) -> Self {
        let files = sources.iter().map(|s| (module_of(&s.path), s.path.clone()));
        let mut modules = Self {
            files: files.collect(),
            paths: BTreeMap::new(),
        };
        for source in sources {
            let paths = modules.paths_in(source);
            modules.paths.insert(source.path.clone(), paths);
        }
        modules
    }

    fn is_child(&self, module: &[String], name: &str) -> bool {
        let child: Vec<String> = module.iter().cloned().chain([name.to_owned()]).collect();
        self.files.contains_key(&child)
    }

    fn paths_in(&self, source: &Source) -> Paths {
        let own = module_of(&source.path);
        let is_head = |t: &str| ["crate", "super", "self"].contains(&t) || self.is_child(&own, t);
        let tokens = tokens(&source.code);
        let (mut paths, mut words) = (Paths::default(), BTreeSet::new());
        // Number of open braces, and the depths at which inline modules begin.
        let (mut depth, mut inline): (usize, Vec<usize>) = (0, Vec::new());
        let mut at = 0;
        while at < tokens.len() {
            let before = if at == 0 { "" } else { tokens[at - 1] };
            let next = tokens.get(at + 1).copied().unwrap_or_default();
            let is_inside_path = ["::", "."].contains(&before);
            if tokens[at] == "use" && next != "<" {
                let (mut found, end) = tree(&tokens, at + 1);
                found.iter_mut().for_each(|path| path.leave(inline.len()));
                if ["pub", ")"].contains(&before) {
                    let named = found.into_iter().map(|path| (path.name.clone(), path));
                    paths.exported.extend(named);
                } else {
                    paths.used.extend(found);
                }
                at = end;
            } else if tokens[at] == "mod" {
                if tokens.get(at + 2) == Some(&"{") {
                    inline.push(depth);
                }
                at += 2;
            } else if next == "::" && !is_inside_path && is_head(tokens[at]) {
                let (mut found, end) = tree(&tokens, at);
                found.iter_mut().for_each(|path| path.leave(inline.len()));
                paths.used.extend(found);
                at = end;
            } else {
                match tokens[at] {
                    // A character in quotes.
                    _ if before == "'" && next == "'" => {}
                    "{" => depth += 1,
                    "}" => {
                        depth -= 1;
                        inline.retain(|opened| *opened < depth);
                    }
                    _ => {}
                }
                if !is_inside_path {
                    words.insert(tokens[at]);
                }
                at += 1;
            }
        }
        // A file that uses a name which it re-exports also imports it.
        let own_use = paths
            .exported
            .values()
            .filter(|path| words.contains(&*path.name));
        paths.used.extend(own_use.cloned().collect::<Vec<_>>());
        paths
    }

    /// The file that defines what `path` names in `file`; `None` outside this crate.
    fn file_of(&self, file: &str, path: &Path) -> Option<&str> {
        let mut module = module_of(file);
        let mut rest = &path.segments[..];
        match &*rest[0] {
            "crate" => {
                module.clear();
                rest = &rest[1..];
            }
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|s| s == "super") {
                    module.pop();
                    rest = &rest[1..];
                }
            }
            child if self.is_child(&module, child) => {}
            _ => return None,
        }
        while let [child, after @ ..] = rest
            && self.is_child(&module, child)
        {
            module.push(child.clone());
            rest = after;
        }
        let file = self.files.get(&module)?;
        let exported = rest
            .first()
            .and_then(|name| self.paths[file].exported.get(name));
        match exported {
            Some(path) => self.file_of(file, path),
            None => Some(file),
        }
    }

    /// The imports that are part of a cycle: importing file, imported file, and path.
    fn cyclic_imports(&self) -> Vec<(&str, &str, String)> {
        let mut imports: Vec<(&str, &str, String)> = Vec::new();
        for (file, paths) in &self.paths {
            for path in &paths.used {
                if let Some(used) = self.file_of(file, path)
                    && used != file
                {
                    imports.push((file, used, path.segments.join("::")));
                }
            }
        }
        // Files that import no file, or that no file imports, are not in a cycle.
        loop {
            let before = imports.len();
            let users: BTreeSet<&str> = imports.iter().map(|i| i.0).collect();
            let used: BTreeSet<&str> = imports.iter().map(|i| i.1).collect();
            imports.retain(|(by, of, _)| users.contains(of) && used.contains(by));
            if imports.len() == before {
                return imports;
            }
        }
    }
}

#[test]
fn files_do_not_import_each_other_in_cycles() {
    let mut sources = sources();
    sources
        .retain(|source| !NOT_YET.contains(&source.module()) && !source.path.ends_with("tests.rs"));
    let modules = Modules::of(&sources);
    let mut cycles = String::new();
    for (by, of, path) in modules.cyclic_imports() {
        writeln!(cycles, "{by} uses {path} of {of}").unwrap();
    }
    assert!(cycles.is_empty(), "imports in cycles:\n{cycles}");
}

#[test]
fn cycles_are_found_through_groups_and_re_exports_only_if_they_exist() {
    let source = |path: &str, code: &str| Source {
        path: path.into(),
        code: code.into(),
        n_lines: 1,
    };
    let root = source(
        "a/mod.rs",
        "mod b; mod c; pub use b::{B, C as D}; pub(crate) use c::*;",
    );
    let of = |b: &str, c: &str| {
        let sources = [
            source("a/mod.rs", &root.code),
            source("a/b.rs", b),
            source("a/c.rs", c),
        ];
        let modules = Modules::of(&sources);
        let found = modules.cyclic_imports();
        found
            .iter()
            .map(|(by, of, _)| format!("{by} {of}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(of("use super::c::{x, y};", "use crate::z::B;"), [""; 0]);
    let both = ["a/b.rs a/c.rs", "a/c.rs a/b.rs"];
    assert_eq!(
        of("use super::{c::{x}, z};", "use crate::{a::{D}, z};"),
        both
    );
    assert_eq!(
        of("fn f() { super::c::g::<u8>() }", "use super::b::B as E;"),
        both
    );
    assert_eq!(
        of("use super::c; fn f() { c::g() }", "use super::T;"),
        [""; 0]
    );
    let inline = "mod d { mod e { use super::super::super::b::B; } } use super::T;";
    assert_eq!(of("use super::c::x;", inline), both);
    assert_eq!(of("use super::c::x;", "mod d { use super::*; }"), [""; 0]);
    // The file of a folder that uses a name which it re-exports imports it.
    let sources = [
        source("a/mod.rs", "mod b; pub use b::B; struct T(B);"),
        source("a/b.rs", "use super::T;"),
    ];
    let modules = Modules::of(&sources);
    assert_eq!(modules.cyclic_imports().len(), 2);
}
