//! Errors of servers and networks, as errors of a file at a URL.

use crate::error::Error;
use bed_reader::CloudFileError;
use std::io::{self, ErrorKind};
use std::path::Path;

/// Longest reason that a message quotes, in characters.
const LONGEST_REASON: usize = 200;

/// Whether a server refused the first bytes of a file because the file is empty.
pub(super) fn is_of_empty_file(error: &CloudFileError) -> bool {
    chain(error).iter().any(|text| {
        text.contains("416 Range Not Satisfiable") || text.contains("object was only 0 bytes")
    })
}

/// The error of a request for `url`.
pub(super) fn of_request(url: &Path, error: CloudFileError) -> Error {
    let (kind, texts) = match error {
        CloudFileError::ObjectStoreError(error) => {
            let error = io::Error::from(error);
            (error.kind(), chain(&error))
        }
        other => (ErrorKind::InvalidInput, chain(&other)),
    };
    let contains = |part: &str| texts.iter().any(|text| text.contains(part));
    if kind == ErrorKind::NotFound {
        return remote(
            url,
            kind,
            "there is no such file",
            "check the URL: -bfile takes that of the .bed without .bed, and the .bim and .fam must be next to it",
        );
    }
    if contains("Range request not supported") || contains("non-partial response") {
        return remote(
            url,
            ErrorKind::Unsupported,
            "the server does not send parts of files (HTTP range requests), by which genotypes are read",
            "download the three files and give their prefix, or use a server that supports range requests",
        );
    }
    for denied in ["401 Unauthorized", "403 Forbidden"] {
        if contains(denied) {
            return remote(
                url,
                ErrorKind::PermissionDenied,
                &format!("access is denied ({denied})"),
                "check the URL and the credentials in the environment (AWS_ACCESS_KEY_ID and others, docs/genotypes.md); some servers also deny access to files that do not exist",
            );
        }
    }
    remote(
        url,
        kind,
        &format!("cannot read: {}", reason(&texts)),
        "check the URL and the connection, and run again; or download the three files and give their prefix",
    )
}

/// The error of a transfer that ended early, in spite of repetitions.
pub(super) fn of_transfer(url: &Path, reason: &str) -> Error {
    remote(
        url,
        ErrorKind::ConnectionAborted,
        &format!("the transfer broke off repeatedly: {}", shortened(reason)),
        "check the connection, and run again; or download the three files and give their prefix",
    )
}

/// The error of a file that is not the one that was opened.
pub(super) fn modified(url: &Path) -> Error {
    Error::inconsistent(
        format!(
            "{}: the file was modified during the run, so the results may mix old and new content",
            url.display()
        ),
        "the results were not written; run again when the files do not change",
    )
}

/// An [`Error::Remote`].
pub(super) fn remote(url: &Path, kind: ErrorKind, what: &str, hint: &str) -> Error {
    Error::Remote {
        url: url.to_path_buf(),
        kind,
        what: what.to_owned(),
        hint: hint.to_owned(),
    }
}

/// The innermost reason of an error.
pub(super) fn reason_of(error: &(dyn std::error::Error + 'static)) -> String {
    reason(&chain(error))
}

/// The texts of an error and of its causes.
fn chain(error: &(dyn std::error::Error + 'static)) -> Vec<String> {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect()
}

fn reason(texts: &[String]) -> String {
    shortened(texts.last().map_or("", String::as_str))
}

/// The first line of a reason, in lower case, without the number of a system error and without a URL: after a
/// redirection, that URL may carry a signature.
fn shortened(reason: &str) -> String {
    let line = reason.lines().next().unwrap_or_default();
    let end = [" for url (", " (os error"]
        .into_iter()
        .filter_map(|part| line.find(part));
    let line = &line[..end.min().unwrap_or(line.len())];
    let line: String = line.chars().take(LONGEST_REASON).collect();
    let is_word = line.chars().nth(1).is_some_and(char::is_lowercase);
    match line.chars().next() {
        Some(first) if is_word => {
            format!("{}{}", first.to_lowercase(), &line[first.len_utf8()..])
        }
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_show_neither_urls_nor_pages() {
        for (reason, expected) in [
            (
                "HTTP status server error (503 Service Unavailable) for url (https://h/x?sig=s)",
                "HTTP status server error (503 Service Unavailable)",
            ),
            ("Connection refused (os error 111)", "connection refused"),
            (
                "Client error with status 400\n<html>",
                "client error with status 400",
            ),
            ("", ""),
        ] {
            assert_eq!(shortened(reason), expected);
        }
        assert_eq!(shortened(&"é".repeat(500)).chars().count(), LONGEST_REASON);
    }
}
