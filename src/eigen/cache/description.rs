//! The description of a cached eigendecomposition, for people.

use crate::error::escaped;
use std::fmt;

/// Longest text of a description, in bytes.
const LONGEST: usize = 480;

/// What was decomposed, as `jamma cache list` shows it. Nothing depends on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description {
    /// The prefix of the PLINK files, or `arrays`.
    pub genotypes: String,
    /// The kind of kinship, `centred` or `standardised`; or the file it was read from.
    pub kinship: String,
    /// The chromosome whose SNPs are excluded from the kinship.
    pub excluded_chromosome: Option<String>,
    /// Number of SNPs from which the kinship was computed.
    pub n_snps: Option<usize>,
    /// Name of the backend.
    pub backend: String,
}

impl Description {
    /// The lines of the header of an entry, a name and a value each.
    pub(super) fn lines(&self) -> Vec<(&'static str, String)> {
        let mut lines = vec![
            ("genotypes", line(&self.genotypes)),
            ("kinship", line(&self.kinship)),
            ("backend", line(&self.backend)),
        ];
        if let Some(chromosome) = &self.excluded_chromosome {
            lines.push(("excluded_chromosome", line(chromosome)));
        }
        if let Some(n_snps) = self.n_snps {
            lines.push(("n_snps", n_snps.to_string()));
        }
        lines
    }

    /// The description in a header, of which `value` returns the value with a name.
    pub(super) fn of_lines<'a>(value: impl Fn(&str) -> Option<&'a str>) -> Self {
        let text = |name: &str| value(name).unwrap_or_default().to_owned();
        Self {
            genotypes: text("genotypes"),
            kinship: text("kinship"),
            excluded_chromosome: value("excluded_chromosome").map(str::to_owned),
            n_snps: value("n_snps").and_then(|text| text.parse().ok()),
            backend: text("backend"),
        }
    }
}

/// `text` on one line; the start of a very long text is replaced by dots, because the end of a path says more.
fn line(text: &str) -> String {
    let text = escaped(text);
    if text.len() <= LONGEST {
        return text;
    }
    let mut start = text.len() - LONGEST + 3;
    while !text.is_char_boundary(start) {
        start += 1;
    }
    format!("...{}", &text[start..])
}

impl fmt::Display for Description {
    /// `mouse: centred kinship without chromosome 3, 10768 SNPs, rust`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} kinship", self.genotypes, self.kinship)?;
        if let Some(chromosome) = &self.excluded_chromosome {
            write!(f, " without chromosome {chromosome}")?;
        }
        match self.n_snps {
            Some(1) => write!(f, ", 1 SNP")?,
            Some(n) => write!(f, ", {n} SNPs")?,
            None => {}
        }
        write!(f, ", {}", self.backend)
    }
}
