//! The ids of a list that no SNP has.

use super::selection::SnpIds;
use crate::io::id_columns::named;
use crate::io::text::count;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// The ids in a list of SNPs that none of the SNPs seen so far has.
#[derive(Debug, Clone)]
pub struct UnseenSnps {
    /// The file of the list, for messages.
    path: PathBuf,
    n_listed: usize,
    unseen: SnpIds,
}

impl UnseenSnps {
    /// All `listed` ids, before any SNP was seen.
    #[must_use]
    pub fn new(path: &Path, listed: SnpIds) -> Self {
        Self {
            path: path.to_path_buf(),
            n_listed: listed.len(),
            unseen: listed,
        }
    }

    /// Removes the id of a SNP.
    pub fn see(&mut self, rs: &str) {
        if !self.unseen.is_empty() {
            self.unseen.remove(rs);
        }
    }

    /// The ids that were not seen.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.unseen.iter().map(AsRef::as_ref)
    }

    /// Removes the ids that were seen elsewhere: all but `unseen`.
    pub fn keep(&mut self, unseen: &[String]) {
        let unseen: HashSet<&str> = unseen.iter().map(String::as_str).collect();
        self.unseen.retain(|id| unseen.contains(&**id));
    }

    /// Whether no SNP has one of the listed ids.
    #[must_use]
    pub fn are_all(&self) -> bool {
        self.unseen.len() == self.n_listed
    }

    /// A note with the number of the ids and the first of them in alphabetical order; `None` if there are none.
    ///
    /// Correct after all SNPs were [seen](Self::see).
    #[must_use]
    pub fn note(&self) -> Option<String> {
        let mut ids: Vec<String> = self.unseen.iter().map(ToString::to_string).collect();
        if ids.is_empty() {
            return None;
        }
        ids.sort_unstable();
        Some(format!(
            "{}: {} of {} {} not in the genotypes: {}",
            self.path.display(),
            ids.len(),
            count(self.n_listed, "listed SNP"),
            if ids.len() == 1 { "is" } else { "are" },
            named(&ids)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_no_snp_has_are_counted_and_named() {
        let listed: SnpIds = ["rs3", "rs1", "rs2"].map(Box::from).into();
        let mut unseen = UnseenSnps::new(Path::new("list"), listed);
        unseen.see("rs9");
        assert!(unseen.are_all());
        unseen.see("rs2");
        let note = unseen.note().unwrap();
        assert_eq!(
            note,
            "list: 2 of 3 listed SNPs are not in the genotypes: rs1, rs3"
        );
        assert!(!unseen.are_all());
        for rs in ["rs1", "rs2", "rs3"] {
            unseen.see(rs);
        }
        assert_eq!(unseen.note(), None);
    }
}
