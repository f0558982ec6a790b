//! Opens connections to the servers of PLINK files: options, credentials, and checks that fail at once.
//!
//! The HTTP client repeats failed requests for about a minute. A wrong host name or a missing credential is therefore
//! found before the first request.

use super::fault::{of_request, reason_of, remote};
use super::url::PlinkUrl;
use crate::error::{Error, Result};
use bed_reader::CloudFile;
use std::env;
use std::io::{self, ErrorKind};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

/// Limits of the client: of a request with its reply, and of connecting to a server.
const TIMEOUTS: [(&str, &str); 2] = [("timeout", "120s"), ("connect_timeout", "10s")];
/// Longest wait for the connection to a server whose address the user gives.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest wait for the metadata server of a cloud, which is near or does not exist.
const CONNECT_METADATA: Duration = Duration::from_secs(1);
/// Environment variables that configure the clients of the clouds, in the clients' own names.
const VARIABLES: [&str; 3] = ["AWS_", "GOOGLE_", "AZURE_"];
/// Any of these gives credentials of AWS, or says that none are needed.
const AWS_CREDENTIALS: [&str; 5] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_SKIP_SIGNATURE",
];
const GOOGLE_CREDENTIALS: [&str; 4] = [
    "GOOGLE_SERVICE_ACCOUNT",
    "GOOGLE_SERVICE_ACCOUNT_PATH",
    "GOOGLE_SERVICE_ACCOUNT_KEY",
    "GOOGLE_APPLICATION_CREDENTIALS",
];
/// Credentials of `gcloud auth application-default login`, below the home directory.
const GCLOUD: &str = ".config/gcloud/application_default_credentials.json";

/// The `.bed` at `url`. The credentials of clouds are those in the environment.
///
/// Fails if the server cannot be reached or the URL cannot be read.
pub(super) fn open(url: &PlinkUrl) -> Result<CloudFile> {
    let bed = url.file("bed");
    check_server(url, &bed)?;
    let text = bed.to_string_lossy();
    let opened = CloudFile::new_with_options(&*text, options(url));
    opened.map_err(|error| match of_request(&bed, error) {
        Error::Remote { url, kind, what, .. } if text.contains(".amazonaws.com/") => Error::Remote {
            url,
            kind,
            what,
            hint: "give objects of S3 as s3://bucket/name, with AWS_REGION and, for a public bucket, AWS_SKIP_SIGNATURE=true in the environment".into(),
        },
        other => other,
    })
}

fn options(url: &PlinkUrl) -> Vec<(String, String)> {
    let own = TIMEOUTS.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut options = Vec::from(own);
    if url.parts().0 == "http" {
        options.push(("allow_http".into(), "true".into()));
    }
    // An option that a service does not have is ignored.
    let given = env::vars_os().filter_map(|(name, value)| {
        let (name, value) = (name.into_string().ok()?, value.into_string().ok()?);
        let is_option = VARIABLES.iter().any(|start| name.starts_with(start));
        is_option.then(|| (name.to_ascii_lowercase(), value))
    });
    options.extend(given);
    options
}

/// Fails if the server does not answer, or if credentials are needed and there are none.
fn check_server(url: &PlinkUrl, bed: &Path) -> Result<()> {
    let (scheme, rest) = url.parts();
    let is_given = |names: &[&str]| names.iter().any(|name| env::var_os(name).is_some());
    match scheme {
        "http" | "https" => check_host(bed, scheme, authority(rest)),
        "s3" => {
            for name in ["AWS_ENDPOINT", "AWS_ENDPOINT_URL"] {
                let endpoint = env::var(name).unwrap_or_default();
                if let Some((scheme, rest)) = endpoint.split_once("://") {
                    check_host(bed, scheme, authority(rest))?;
                }
            }
            let metadata = env::var("AWS_METADATA_ENDPOINT").unwrap_or_default();
            let metadata = metadata
                .split_once("://")
                .map_or("169.254.169.254", |(_, rest)| rest);
            if is_given(&AWS_CREDENTIALS)
                || reach(authority(metadata), 80, CONNECT_METADATA).is_ok()
            {
                return Ok(());
            }
            Err(remote(
                bed,
                ErrorKind::PermissionDenied,
                "there are no credentials for S3 in the environment",
                "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, or AWS_SKIP_SIGNATURE=true for a public bucket; profiles in ~/.aws are not read",
            ))
        }
        "gs" => {
            let home = env::home_dir().unwrap_or_default();
            let metadata = env::var("GCE_METADATA_HOST");
            let metadata = metadata.as_deref().unwrap_or("metadata.google.internal");
            if is_given(&GOOGLE_CREDENTIALS)
                || home.join(GCLOUD).exists()
                || reach(metadata, 80, CONNECT_METADATA).is_ok()
            {
                return Ok(());
            }
            Err(remote(
                bed,
                ErrorKind::PermissionDenied,
                "there are no credentials for Google Cloud",
                "set GOOGLE_APPLICATION_CREDENTIALS or run `gcloud auth application-default login`; files of a public bucket are at https://storage.googleapis.com/BUCKET/NAME",
            ))
        }
        _ => Ok(()),
    }
}

/// The host and port of what follows `://`. An endpoint in the environment may have a user name and a password, which no
/// message shows.
fn authority(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

/// Fails if no connection to the host can be opened.
fn check_host(bed: &Path, scheme: &str, authority: &str) -> Result<()> {
    let has_proxy = ["http_proxy", "https_proxy", "all_proxy"]
        .iter()
        .any(|name| env::var_os(name).is_some() || env::var_os(name.to_uppercase()).is_some());
    // With a proxy, only the proxy is reached; names with other letters are translated by the client.
    if has_proxy || !authority.is_ascii() {
        return Ok(());
    }
    let port = if scheme == "http" { 80 } else { 443 };
    reach(authority, port, CONNECT).map_err(|error| {
        remote(
            bed,
            error.kind(),
            &format!("cannot connect to {authority}: {}", reason_of(&error)),
            "check the host in the URL and the network connection",
        )
    })
}

/// Opens a connection to `host` or `host:port` and closes it.
fn reach(authority: &str, default_port: u16, timeout: Duration) -> io::Result<()> {
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if is_port(port) => (host, port.parse().unwrap_or(default_port)),
        _ => (authority, default_port),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let mut failed = io::Error::new(ErrorKind::NotFound, "the host has no address");
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, timeout) {
            Ok(_) => return Ok(()),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}
