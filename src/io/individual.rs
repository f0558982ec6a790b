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

impl fmt::Display for Individual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.fid, self.iid)
    }
}
