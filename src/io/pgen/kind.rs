//! The kind of a record, which determines its tracks.

/// The type byte of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind(pub(super) u8);

/// The form of a dosage track: the individuals who have a dosage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DosageForm {
    /// Those of a difflist.
    Listed,
    /// Everybody.
    All,
    /// Those of a bit array.
    Bits,
}

impl Kind {
    /// A SNP of a PLINK 1 `.bed`, which storage mode 01 contains. Main track 5 is reserved, so that no record of the
    /// other modes is of this kind.
    pub(super) const PLINK1: Self = Self(5);

    /// The form of the main track, 0 to 7.
    pub(super) fn main(self) -> u8 {
        self.0 & 7
    }

    /// Whether the main track is stored as the difference from an earlier record, its base.
    #[must_use]
    pub fn needs_base(self) -> bool {
        matches!(self.main(), 2 | 3)
    }

    /// Whether there is a track of alleles, of a SNP with several ALT alleles.
    #[must_use]
    pub fn has_alleles(self) -> bool {
        self.0 & 8 != 0
    }

    /// Whether there is a track of phases.
    pub(super) fn has_phases(self) -> bool {
        self.0 & 16 != 0
    }

    /// Whether there is a track of dosages.
    #[must_use]
    pub fn has_dosages(self) -> bool {
        self.0 & 0x60 != 0
    }

    /// The form of the track of dosages.
    pub(super) fn dosage_form(self) -> Option<DosageForm> {
        match self.0 & 0x60 {
            0x20 => Some(DosageForm::Listed),
            0x40 => Some(DosageForm::All),
            0x60 => Some(DosageForm::Bits),
            _ => None,
        }
    }

    /// Whether there is a track of the phases of dosages.
    pub(super) fn has_dosage_phases(self) -> bool {
        self.0 & 0x80 != 0
    }

    /// What is wrong with the type byte itself.
    pub(super) fn fault(self) -> Option<&'static str> {
        if self.main() == 5 {
            Some("main track 5 is reserved")
        } else if self.has_dosage_phases() && !self.has_dosages() {
            Some("it has phases of dosages, but no dosages")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_types_have_a_fault() {
        let possible = |byte| Kind(byte).fault().is_none();
        assert!([0, 1, 2, 3, 4, 6, 7, 0x1f, 0x60, 0xb0, 0xc0].map(possible) == [true; 11]);
        assert!([5, 0x15, 0x80, 0x90].map(possible) == [false; 4]);
    }
}
