//! The sex of an individual.

/// The sex of an individual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sex {
    /// 1 or M.
    Male,
    /// 2 or F.
    Female,
    /// Anything else.
    #[default]
    Unknown,
}

impl Sex {
    /// The sex that a cell states.
    #[must_use]
    pub fn of(cell: &str) -> Self {
        let is = |name: &str| cell.eq_ignore_ascii_case(name);
        if cell == "1" || is("M") || is("male") {
            Self::Male
        } else if cell == "2" || is("F") || is("female") {
            Self::Female
        } else {
            Self::Unknown
        }
    }
}
