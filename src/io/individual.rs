//! Individuals by their ids.

use std::fmt;

/// The identity of an individual: family id and individual id, unique as a pair.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Individual {
    /// Family id (FID), column 1.
    pub fid: Box<str>,
    /// Individual id (IID), column 2.
    pub iid: Box<str>,
}

impl Individual {
    /// The individual in `row`, from 0, of genotypes without ids: its number, from 1, as IID, and an empty FID.
    #[must_use]
    pub fn numbered(row: usize) -> Self {
        Self {
            fid: "".into(),
            iid: (row + 1).to_string().into(),
        }
    }

    /// Whether this is an id from a file, not a [number](Self::numbered).
    #[must_use]
    pub fn has_id(&self) -> bool {
        !self.fid.is_empty()
    }
}

/// Where individuals are listed, for messages.
pub(crate) fn listed_in(individuals: &[Individual]) -> &'static str {
    if have_ids(individuals) {
        "the .fam"
    } else {
        "the genotypes"
    }
}

/// Whether individuals have ids by which rows of other files can be matched; numbers are not ids.
pub(crate) fn have_ids(individuals: &[Individual]) -> bool {
    individuals.iter().all(Individual::has_id)
}

impl fmt::Display for Individual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.has_id() {
            return write!(f, "number {}", self.iid);
        }
        write!(f, "{} {}", self.fid, self.iid)
    }
}
