//! An HTTP server on the loopback address for the files of a directory, which can misbehave.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// How the server departs from a correct one for files whose name ends with `of`.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// A status instead of the file, such as `403 Forbidden`.
    Status {
        of: &'static str,
        status: &'static str,
    },
    /// The whole file with status 200 in place of a part.
    NoRanges { of: &'static str },
    /// Half of the body, then the end of the connection, for this many requests from the byte at `from` on.
    Cut {
        of: &'static str,
        from: usize,
        times: usize,
    },
    /// Another ETag from this request on, counted from 1.
    OtherTag { of: &'static str, request: usize },
    /// One byte more in the length of the file from this request on.
    OtherLength { of: &'static str, request: usize },
    /// Neither an ETag nor a time of modification.
    NoTag { of: &'static str },
}

impl Fault {
    fn of(&self) -> &'static str {
        match self {
            Self::Status { of, .. }
            | Self::NoRanges { of }
            | Self::Cut { of, .. }
            | Self::OtherTag { of, .. }
            | Self::OtherLength { of, .. }
            | Self::NoTag { of } => of,
        }
    }
}

/// A request: its first line, and its header lines in lower case up to the colon.
#[derive(Debug, Clone)]
pub struct Request {
    pub line: String,
    pub headers: Vec<(String, String)>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(known, _)| known == name);
        header.map(|(_, value)| &**value)
    }
}

/// A server; its threads end with the process.
pub struct Server {
    pub address: String,
    shared: Arc<Shared>,
}

struct Shared {
    folder: PathBuf,
    fault: Mutex<Option<Fault>>,
    requests: Mutex<Vec<Request>>,
}

impl Server {
    /// Serves the files of `folder`; of a path, only the last part counts.
    pub fn start(folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let shared = Arc::new(Shared {
            folder: folder.to_path_buf(),
            fault: Mutex::default(),
            requests: Mutex::default(),
        });
        let of_thread = Arc::clone(&shared);
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let shared = Arc::clone(&of_thread);
                // A client may end a connection at any time.
                std::thread::spawn(move || drop(shared.serve(connection)));
            }
        });
        Self { address, shared }
    }

    /// Sets the fault and forgets the requests so far.
    pub fn set(&self, fault: Option<Fault>) {
        *self.shared.fault.lock().unwrap() = fault;
        self.shared.requests.lock().unwrap().clear();
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap().clone()
    }
}

impl Shared {
    fn serve(&self, mut connection: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(connection.try_clone()?);
        while let Some(request) = read_request(&mut reader)? {
            let path = request.line.split(' ').nth(1).unwrap_or_default();
            let path = decoded(path);
            let name = path.rsplit('/').next().unwrap_or_default().to_owned();
            let n_same = {
                let mut requests = self.requests.lock().unwrap();
                requests.push(request.clone());
                let is_same = |one: &&Request| one.line == request.line;
                requests.iter().filter(is_same).count()
            };
            let mut fault = self.fault.lock().unwrap();
            let own = fault.clone().filter(|fault| name.ends_with(fault.of()));
            let range = request.header("range").and_then(range);
            if let (Some(Fault::Cut { from, times, .. }), Some((first, _))) =
                (fault.as_mut(), range)
                && own.is_some()
                && first >= *from
            {
                if *times == 0 {
                    *fault = None;
                } else {
                    *times -= 1;
                }
            }
            let own = if fault.is_some() { own } else { None };
            drop(fault);
            if !self.reply(&mut connection, &request, &name, own.as_ref(), n_same)? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Sends the reply; false if the connection is to be closed.
    fn reply(
        &self,
        connection: &mut TcpStream,
        request: &Request,
        name: &str,
        fault: Option<&Fault>,
        n_requests: usize,
    ) -> std::io::Result<bool> {
        let status = |text: &str| format!("HTTP/1.1 {text}\r\nContent-Length: 0\r\n\r\n");
        if let Some(Fault::Status { status: text, .. }) = fault {
            connection.write_all(status(text).as_bytes())?;
            return Ok(true);
        }
        let Ok(content) = std::fs::read(self.folder.join(name)) else {
            connection.write_all(status("404 Not Found").as_bytes())?;
            return Ok(true);
        };
        let mut n_bytes = content.len();
        let mut tag = content.iter().fold(n_bytes as u64, |tag, &byte| {
            (tag ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
        match fault {
            Some(Fault::OtherTag { request, .. }) if n_requests >= *request => tag += 1,
            Some(Fault::OtherLength { request, .. }) if n_requests >= *request => n_bytes += 1,
            _ => {}
        }
        let mut lines = vec!["Accept-Ranges: bytes".to_owned()];
        if !matches!(fault, Some(Fault::NoTag { .. })) {
            lines.push(format!("ETag: \"{tag:x}\""));
            lines.push("Last-Modified: Tue, 01 Jul 2025 10:00:00 GMT".into());
        }
        let range = request.header("range").and_then(range);
        let range = range.filter(|_| !matches!(fault, Some(Fault::NoRanges { .. })));
        let (status_line, first, body) = match range {
            Some((first, _)) if first >= content.len() => {
                connection.write_all(status("416 Range Not Satisfiable").as_bytes())?;
                return Ok(true);
            }
            Some((first, last)) => {
                let last = last.min(content.len() - 1);
                lines.push(format!("Content-Range: bytes {first}-{last}/{n_bytes}"));
                (
                    "HTTP/1.1 206 Partial Content",
                    first,
                    &content[first..=last],
                )
            }
            None => ("HTTP/1.1 200 OK", 0, &content[..]),
        };
        lines.push(format!("Content-Length: {}", body.len()));
        let head = format!("{status_line}\r\n{}\r\n\r\n", lines.join("\r\n"));
        connection.write_all(head.as_bytes())?;
        if request.line.starts_with("HEAD") {
            return Ok(true);
        }
        if let Some(Fault::Cut { from, .. }) = fault
            && first >= *from
        {
            connection.write_all(&body[..body.len() / 2])?;
            return Ok(false);
        }
        connection.write_all(body)?;
        Ok(true)
    }
}

fn read_request(reader: &mut impl BufRead) -> std::io::Result<Option<Request>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        // A request is short.
        if reader.by_ref().take(1 << 16).read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        lines.push(line.to_owned());
    }
    let mut lines = lines.into_iter();
    let line = lines.next().unwrap_or_default();
    let headers = lines.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    });
    Ok(Some(Request {
        line,
        headers: headers.collect(),
    }))
}

/// A path without percent signs: `%2F` is a slash.
fn decoded(path: &str) -> String {
    let mut parts = path.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_at(2);
        text.push(char::from(u8::from_str_radix(code, 16).unwrap()));
        text.push_str(rest);
    }
    text
}

/// The first and the last byte of a range.
fn range(header: &str) -> Option<(usize, usize)> {
    let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    Some((first.parse().ok()?, last.parse().ok()?))
}
