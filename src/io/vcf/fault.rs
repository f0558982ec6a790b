//! What is wrong with a record, before the file and the individual are named.

use crate::io::text::count;

/// What is wrong with a record.
#[derive(Debug, PartialEq)]
pub(crate) struct Fault {
    /// The field and the row of the individual, if the fault is in a genotype.
    cell: Option<(&'static str, usize)>,
    what: String,
    /// The remedy.
    pub(crate) hint: &'static str,
}

pub(super) const DAMAGED: &str = "the file is damaged or was edited; check it with bcftools view";

impl Fault {
    /// A fault of the whole record.
    pub(super) fn new(what: impl Into<String>, hint: &'static str) -> Self {
        Self {
            cell: None,
            what: what.into(),
            hint,
        }
    }

    /// The same fault in the genotype of an individual.
    pub(super) fn of(self, field: &'static str, row: usize) -> Self {
        Self {
            cell: Some((field, row)),
            ..self
        }
    }

    /// A record without genotypes of the field `name`.
    pub(super) fn without(name: &str, found: &[&str]) -> Self {
        let found = match found {
            [] => "no fields".into(),
            found => found.join(", "),
        };
        let hint = match name {
            "DS" => {
                "remove such records (bcftools view -i 'FMT/DS>=0' FILE), or read GT (without --dosage) or GP (--dosage GP)"
            }
            "GP" => {
                "remove such records (bcftools view -i 'FMT/GP>=0' FILE), or read GT (without --dosage) or DS (--dosage DS)"
            }
            _ => {
                "remove such records (bcftools view -i 'F_MISSING<=1' FILE), or read dosages with --dosage DS or --dosage GP"
            }
        };
        Self::new(
            format!("the record has no {name}; its FORMAT has {found}"),
            hint,
        )
    }

    /// A record with more or fewer genotypes than individuals.
    pub(super) fn columns(found: usize, expected: usize) -> Self {
        let individuals = count(expected, "individual");
        Self::new(
            format!(
                "the record has {}, but the header names {individuals}",
                count(found, "genotype")
            ),
            DAMAGED,
        )
    }

    /// The message, with the name of the individual.
    pub(crate) fn message<'a>(&self, name: impl FnOnce(usize) -> &'a str) -> String {
        match self.cell {
            Some((field, row)) => {
                format!("{field} of individual {} is {}", name(row), self.what)
            }
            None => self.what.clone(),
        }
    }
}
