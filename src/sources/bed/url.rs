//! URLs of PLINK files, as `-bfile` names them.

use super::EXTENSIONS;
use crate::error::{Error, Result, escaped};
use crate::sources::prefix;
use std::fmt;
use std::path::{Path, PathBuf};

/// Schemes of URLs that are read.
const SCHEMES: [&str; 5] = ["https", "http", "s3", "gs", "file"];

/// The URL of PLINK files without their extension: `https://host/directory/study`.
///
/// It has no credentials and no query, so that messages, logs and records may show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlinkUrl(String);

impl PlinkUrl {
    /// The URL that `bfile` is; `None` if it is the prefix of local files.
    ///
    /// Fails if the URL is not one of PLINK files that can be read, or has credentials or a query. The message shows neither.
    pub fn parse(bfile: &Path) -> Option<Result<Self>> {
        let text = bfile.to_str()?;
        if let Some(scheme) = scheme_with_one_slash(text) {
            return Some(Err(Error::option(
                "-bfile",
                format!(
                    "{} has only one slash after {scheme}:",
                    without_secrets(text)
                ),
                "write two slashes; in Python, give a URL as a string, because pathlib.Path removes the second slash",
            )));
        }
        let (scheme, rest) = split(text)?;
        Some(Self::check(text, &scheme, rest).map(|()| Self(format!("{scheme}://{rest}"))))
    }

    fn check(text: &str, scheme: &str, rest: &str) -> Result<()> {
        let shown = without_secrets(text);
        let wrong = |what: &str, hint: &str| Err(Error::option("-bfile", what, hint));
        if !SCHEMES.contains(&scheme) {
            return wrong(
                &format!("{shown}: URLs with {scheme}:// are not read"),
                "give a URL with https, http, s3, gs or file, or download the three files and give their prefix",
            );
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if authority.contains('@') {
            return wrong(
                &format!("{shown}: the URL contains a user name or a password"),
                "a password in a command line is visible to others: remove it; credentials of S3 and Google Cloud are read from environment variables",
            );
        }
        if rest.contains(['?', '#']) {
            return wrong(
                &format!(
                    "{shown}: the URL has a query or a fragment (after ? or #), which cannot be given for three files"
                ),
                "presigned URLs are not supported: use s3:// or gs:// with credentials in environment variables, or download the three files",
            );
        }
        let has_host = !authority.is_empty();
        if has_host == (scheme == "file") || path.is_empty() || path.ends_with('/') {
            return wrong(
                &format!("{shown}: the URL names no PLINK files"),
                "give the URL of the .bed file without .bed, such as https://host/directory/study or file:///directory/study",
            );
        }
        if rest.trim_start_matches('/').contains("//") {
            return wrong(
                &format!("{shown}: a part of the path is empty (two slashes)"),
                "remove one of the slashes, or download the three files and give their prefix",
            );
        }
        prefix::name_of_one_file(&shown).map_or(Ok(()), Err)
    }

    /// The URL of the file with this extension.
    pub(crate) fn file(&self, extension: &str) -> PathBuf {
        format!("{}.{extension}", self.0).into()
    }

    /// The URLs of the three files.
    pub(crate) fn files(&self) -> [PathBuf; 3] {
        EXTENSIONS.map(|extension| self.file(extension))
    }

    /// The scheme, in lower case, and what follows `://`.
    #[cfg(feature = "cloud")]
    pub(super) fn parts(&self) -> (&str, &str) {
        self.0
            .split_once("://")
            .expect("checked in PlinkUrl::parse")
    }
}

impl fmt::Display for PlinkUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether `path` is a URL, of whatever scheme.
#[must_use]
pub(crate) fn is_url(path: &Path) -> bool {
    let is_url = |text: &str| split(text).is_some() || scheme_with_one_slash(text).is_some();
    path.to_str().is_some_and(is_url)
}

/// `url` without credentials, query and fragment, for messages.
#[must_use]
pub(crate) fn without_secrets(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let url = &url[..end];
    let start = url.find(':').map_or(0, |colon| {
        let rest = &url[colon + 1..];
        colon + 1 + rest.len() - rest.trim_start_matches('/').len()
    });
    let authority = url[start..].split('/').next().unwrap_or_default();
    let user = authority.rfind('@').map_or(0, |at| at + 1);
    escaped(&format!("{}{}", &url[..start], &url[start + user..]))
}

/// The scheme in lower case, and what follows `://`. A scheme has two letters or more: one is a drive of Windows.
fn split(text: &str) -> Option<(String, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let is_scheme = scheme.len() >= 2
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && (scheme.chars()).all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    is_scheme.then(|| (scheme.to_ascii_lowercase(), rest))
}

/// The scheme of a URL of which a program that normalises paths removed a slash.
fn scheme_with_one_slash(text: &str) -> Option<&'static str> {
    let remote = SCHEMES.into_iter().filter(|scheme| *scheme != "file");
    remote.into_iter().find(|scheme| {
        let rest = text
            .strip_prefix(scheme)
            .and_then(|rest| rest.strip_prefix(":/"));
        rest.is_some_and(|rest| !rest.starts_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<Result<PlinkUrl>> {
        PlinkUrl::parse(Path::new(text))
    }

    #[test]
    fn a_url_is_kept_as_it_is_written() {
        for url in [
            "https://host/d/study",
            "http://127.0.0.1:8000/study.v1",
            "s3://bucket/study",
            "gs://bucket/a%20b",
            "file:///data/study",
        ] {
            let parsed = parse(url).unwrap().unwrap();
            assert_eq!(parsed.to_string(), url);
            assert_eq!(
                parsed.file("bim").as_os_str().to_str().unwrap(),
                format!("{url}.bim")
            );
        }
        assert_eq!(
            parse("HTTPS://Host/X").unwrap().unwrap().to_string(),
            "https://Host/X"
        );
        for prefix in [
            "study",
            "/d/study",
            "C:\\study",
            "c://study",
            "a b://study",
            "d/http:x",
        ] {
            assert!(
                parse(prefix).is_none() && !is_url(Path::new(prefix)),
                "{prefix}"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_is_an_error_without_the_secrets_in_it() {
        for (url, what) in [
            ("ftp://host/study", "URLs with ftp:// are not read"),
            ("https:/host/study", "only one slash"),
            (
                "https://user:secret@host/study",
                "a user name or a password",
            ),
            (
                "https://us@er:secret@host/study",
                "a user name or a password",
            ),
            ("https://host/study?sig=secret", "a query or a fragment"),
            ("https://host/study#secret", "a query or a fragment"),
            ("https:/user:secret@host/study?secret", "only one slash"),
            ("ftp://user:secret@host/study", "URLs with ftp://"),
            ("https://host", "names no PLINK files"),
            ("https://host/", "names no PLINK files"),
            ("s3:///study", "names no PLINK files"),
            ("file://data/study", "names no PLINK files"),
            ("s3://bucket//study", "a part of the path is empty"),
            ("https://host/d//study", "a part of the path is empty"),
            ("https://host/study.bed", "the name of one file"),
            ("https://host/study.fam.gz", "a compressed file"),
        ] {
            let error = parse(url).unwrap().unwrap_err();
            let text = format!("{error}; {}", error.hint().unwrap());
            assert!(text.contains(what), "{url}: {text}");
            assert!(
                !text.contains("secret") && !text.contains("er:"),
                "{url}: {text}"
            );
            assert!(is_url(Path::new(url)), "{url}");
        }
    }
}
