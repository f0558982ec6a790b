//! The facts of a run, from the text of its log: of this run, or of a finished one of jamma or GEMMA.
//!
//! The log has all of them as lines `## label = value`, so that a report made with a run and one made later from its files
//! have the same text.

/// What a log says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// The program and its version.
    pub program: String,
    /// The command.
    pub command: String,
    /// The date of the end of the run.
    pub date: String,
    /// Labels and values that are not about one of several traits, in order.
    pub general: Vec<(String, String)>,
    /// Of each of several traits: its name, and its labels and values.
    pub traits: Vec<(String, Vec<(String, String)>)>,
    /// Notes.
    pub notes: Vec<String>,
    /// Wall-clock times of the stages in minutes.
    pub times: Vec<(String, f64)>,
    /// The text.
    pub text: String,
}

/// The labels of the logs of both programs.
pub mod label {
    /// Individuals analysed.
    pub const ANALYSED: &str = "number of analyzed individuals";
    /// SNPs analysed.
    pub const SNPS: &str = "number of analyzed SNPs/var";
    /// PVE.
    pub const PVE: &str = "pve estimate in the null model";
    /// Its standard error.
    pub const PVE_SE: &str = "se(pve) in the null model";
    /// Its interval.
    pub const PVE_INTERVAL: &str = "95 % profile-likelihood interval of pve";
    /// Bonferroni's threshold.
    pub const BONFERRONI: &str = "Bonferroni threshold of p at 5 %";
    /// That for the effective number of tests.
    pub const EFFECTIVE: &str = "threshold of p at 5 % for the effective number of tests";
    /// That of permutations.
    pub const PERMUTATION: &str = "genome-wide threshold of p at 5 %";
    /// What the labels of a kinship without a chromosome begin with.
    pub const WITHOUT: &str = "without chromosome ";
}

impl Facts {
    /// Reads the text of a log.
    #[must_use]
    pub fn of_log(text: &str) -> Self {
        let mut facts = Self {
            text: text.to_owned(),
            ..Self::default()
        };
        let mut is_of_trait = false;
        for line in text.lines() {
            let Some(line) = line.strip_prefix("##") else {
                continue;
            };
            let line = line.trim();
            if line.is_empty() {
                is_of_trait = false;
                continue;
            }
            if let Some(note) = line.strip_prefix("note: ") {
                facts.notes.push(note.to_owned());
                continue;
            }
            let Some((label, value)) = line.split_once('=') else {
                if let Some(failure) = line.strip_prefix("not analyzed: ") {
                    facts.push(is_of_trait, "not analysed", failure);
                }
                continue;
            };
            let (label, value) = (label.trim(), value.trim());
            match label {
                "trait" => {
                    facts.traits.push((value.to_owned(), Vec::new()));
                    is_of_trait = true;
                }
                "Command Line Input" => value.clone_into(&mut facts.command),
                "Date" => value.clone_into(&mut facts.date),
                "jamma Version" | "GEMMA Version" => {
                    let name = label.split(' ').next().unwrap_or_default();
                    let version = value.split(" (").next().unwrap_or_default();
                    facts.program = format!("{name} {version}");
                }
                _ => match time(label, value) {
                    Some(time) => facts.times.push(time),
                    None => facts.push(is_of_trait, label, value),
                },
            }
        }
        facts
    }

    fn push(&mut self, is_of_trait: bool, label: &str, value: &str) {
        let list = match self.traits.last_mut() {
            Some((_, list)) if is_of_trait => list,
            _ => &mut self.general,
        };
        list.push((label.to_owned(), value.to_owned()));
    }

    /// Labels and values of a trait; those of the run if it has one trait.
    #[must_use]
    pub fn of_trait(&self, name: &str) -> &[(String, String)] {
        let found = self.traits.iter().find(|(known, _)| known == name);
        found.map_or(&self.general, |(_, list)| list)
    }

    /// The value of a label for a trait.
    #[must_use]
    pub fn value(&self, of_trait: &str, label: &str) -> Option<&str> {
        let mut list = self.of_trait(of_trait).iter();
        let found = list.find(|(known, _)| known == label);
        found.map(|(_, value)| value.as_str())
    }

    /// The same as a number.
    #[must_use]
    pub fn number(&self, of_trait: &str, label: &str) -> Option<f64> {
        self.value(of_trait, label)?.split(' ').next()?.parse().ok()
    }

    /// λ_GC of a test, of which the log has `λ (95 % interval a to b)`.
    #[must_use]
    pub fn lambda_gc(&self, of_trait: &str, column: &str) -> Option<&str> {
        self.value(of_trait, &format!("lambda_GC ({column})"))
    }

    /// PVE of the kinships without each chromosome.
    #[must_use]
    pub fn pves_without(&self, of_trait: &str) -> Vec<f64> {
        let of_pve = |label: &str| {
            label.starts_with(label::WITHOUT) && label.ends_with(&format!(": {}", label::PVE))
        };
        let list = self.of_trait(of_trait).iter();
        let values = list.filter(|(label, _)| of_pve(label));
        values.filter_map(|(_, value)| value.parse().ok()).collect()
    }
}

fn time(label: &str, value: &str) -> Option<(String, f64)> {
    let name = label.strip_prefix("time on ").or_else(|| {
        let is_total = label == "total computation time";
        is_total.then_some("total")
    })?;
    let minutes = value.strip_suffix("min")?.trim().parse().ok()?;
    Some((name.to_owned(), minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "##
## jamma Version    = 0.1.0 (compatible with GEMMA 0.98.5)
## Backend          = rust
##
## Command Line Input = jamma lmm -o a=b 
##
## Date = Thu Nov 26 10:00:00 2026
##
## Summary Statistics:
## number of traits = 2
##
## trait = height
## number of analyzed individuals = 1410
## pve estimate in the null model = 0.608801
## lambda_GC (p_wald) = 1.02 (95 % interval 1 to 1.04)
##
## trait = weight
## number of analyzed individuals = 12
## not analyzed: it is constant
##
## counted allele (allele1) = column 5 = A1
## note: one
##
## Computation Time:
## total computation time = 0.5 min 
## computation time break down: 
##      time on eigen-decomposition = 0.25 min 
##
";

    #[test]
    fn the_log_of_two_traits_is_divided() {
        let facts = Facts::of_log(LOG);
        assert_eq!(facts.program, "jamma 0.1.0");
        assert_eq!(facts.command, "jamma lmm -o a=b");
        assert_eq!(facts.date, "Thu Nov 26 10:00:00 2026");
        assert_eq!(facts.number("height", label::ANALYSED), Some(1410.0));
        assert_eq!(facts.number("height", label::PVE), Some(0.608_801));
        assert_eq!(
            facts.lambda_gc("height", "p_wald"),
            Some("1.02 (95 % interval 1 to 1.04)")
        );
        assert_eq!(
            facts.value("weight", "not analysed"),
            Some("it is constant")
        );
        assert_eq!(facts.notes, ["one"]);
        assert_eq!(
            facts.times,
            [
                ("total".to_owned(), 0.5),
                ("eigen-decomposition".to_owned(), 0.25)
            ]
        );
        assert_eq!(facts.general.last().unwrap().1, "column 5 = A1");
    }
}
