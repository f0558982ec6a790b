//! `PREFIX.report.html`: the plots, tables and facts of a run in one file.

use super::traits::OfTraits;
use crate::assoc::{AssocBlock, Column};
use crate::cohort::WorkUnit;
use crate::eigen::Eigen;
use crate::error::{Error, Result, escaped};
use crate::kinship::Kinship;
use crate::null::{FittedTrait, pve_profile};
use crate::output::file::{OutputFile, OutputPlace};
use crate::output::html::collect::{Collected, Collector, Rows, SnpRow, neg_log10};
use crate::output::html::facts::Facts;
use crate::output::html::loci::windows;
use crate::output::html::study::{Distribution, KinshipView, Profile, Region, RunView, TraitView};
use crate::output::html::thin::Limits;
use crate::output::html::{kinships, page, trait_name};
use crate::output::log;
use crate::output::report::RunReport;
use crate::output::sink::{LdRequest, RunHeader, Sink};
use std::path::PathBuf;

/// Most traits of a report.
const MOST_TRAITS: usize = 100;
/// Regional plots of all traits together, about, and of one trait at most.
const REGIONS: usize = 48;
const MOST_REGIONS: usize = 8;
/// The end of the names of the columns of −log₁₀ p.
const LOG_OF: &str = "neg_log10_";

/// The places of the statistics that are shown.
#[derive(Debug, Clone, Default)]
struct Places {
    /// The name of the p-values.
    name: String,
    p: usize,
    neg_log10_p: Option<usize>,
    beta: Option<usize>,
    se: Option<usize>,
}

impl Places {
    /// `None` if there is no p-value.
    fn of(columns: &[Column]) -> Option<Self> {
        let place = |name: &str| columns.iter().position(|one| one.name == name);
        let p = columns.iter().position(Column::is_p_value)?;
        let name = columns[p].name.clone();
        Some(Self {
            name: name.to_string(),
            p,
            neg_log10_p: place(&format!("{LOG_OF}{name}")),
            beta: place("beta"),
            se: place("se"),
        })
    }
}

/// What was received of a trait.
#[derive(Debug)]
struct Received {
    name: String,
    n_individuals: usize,
    collector: Collector,
    /// Instead of the collector, once all SNPs were received.
    collected: Option<Collected>,
    regions: Vec<Region>,
    phenotype: Option<Distribution>,
    profile: Option<Profile>,
}

/// What was received of the kinship of a group.
#[derive(Debug, Default)]
struct OfGroup {
    /// The first decomposition, of several without a chromosome.
    view: Option<KinshipView>,
    pairs: Option<Distribution>,
}

/// Writes a report at the end of the run.
#[derive(Debug)]
pub struct HtmlReport {
    place: OutputPlace,
    file: Option<OutputFile>,
    places: Places,
    limits: Limits,
    traits: OfTraits<Received>,
    groups: Vec<OfGroup>,
    titles: Vec<String>,
    regions_each: usize,
}

impl HtmlReport {
    /// The report of `run` at `place`. Fails if there are too many traits for one.
    pub fn new(place: OutputPlace, run: &RunHeader) -> Result<Self> {
        let n_traits = run.groups.iter().map(|group| group.traits.len()).sum();
        if n_traits > MOST_TRAITS {
            return Err(Error::option(
                "--report",
                format!("a report has at most {MOST_TRAITS} traits, and the run has {n_traits}"),
                "omit the option, choose fewer traits, or make reports of the finished tables with `jamma report`",
            ));
        }
        let columns = run.products.columns.as_deref().unwrap_or_default();
        // Names of the kinships, if there are several.
        let titles = run.groups.iter().map(|group| {
            let names = group.traits.iter().map(|one| trait_name(&one.name));
            let names: Vec<String> = names.collect();
            if run.groups.len() > 1 {
                escaped(&names.join(", "))
            } else {
                String::new()
            }
        });
        Ok(Self {
            place,
            file: None,
            places: Places::of(columns).unwrap_or_default(),
            limits: Limits::for_traits(n_traits),
            traits: OfTraits::default(),
            groups: run.groups.iter().map(|_| OfGroup::default()).collect(),
            titles: titles.collect(),
            regions_each: (REGIONS / n_traits.max(1)).clamp(1, MOST_REGIONS),
        })
    }

    fn received(&mut self, group: usize, of: usize) -> Option<&mut Received> {
        let mut traits = self.traits.of_group(group);
        traits.find(|(place, _)| *place == of).map(|(_, one)| one)
    }

    /// Completes the traits of a group, and chooses their regions.
    fn complete(&mut self, group: usize) {
        let (limits, most) = (self.limits, self.regions_each);
        for (_, one) in self.traits.of_group(group) {
            if one.collected.is_some() {
                continue;
            }
            let collector = std::mem::replace(&mut one.collector, Collector::new(limits));
            let collected = collector.finish();
            let regions = windows(&collected, most).into_iter().map(|window| Region {
                window,
                r2: Vec::new(),
            });
            one.regions = regions.collect();
            one.collected = Some(collected);
        }
    }

    fn run_view(&mut self, report: &RunReport) -> RunView {
        for group in 0..self.groups.len() {
            self.complete(group);
        }
        let column = &self.places.name;
        let traits = std::mem::take(&mut self.traits)
            .into_values()
            .map(|one| TraitView {
                name: one.name,
                column: column.clone(),
                collected: one.collected.expect("all groups are complete"),
                n_individuals: Some(one.n_individuals),
                phenotype: one.phenotype,
                profile: one.profile,
                regions: one.regions,
            });
        let kinships = std::mem::take(&mut self.groups)
            .into_iter()
            .filter_map(|of| {
                let mut view = of.view?;
                view.pairs = of.pairs;
                Some(view)
            });
        let kinships: Vec<KinshipView> = kinships.collect();
        RunView {
            name: self.place.name(),
            facts: Some(Facts::of_log(&log::text(report))),
            traits: traits.collect(),
            ld_of: "the analysed individuals".into(),
            absent: if kinships.is_empty() {
                vec!["The linear model does not use a kinship.".into()]
            } else {
                Vec::new()
            },
            kinships,
        }
    }
}

impl Sink for HtmlReport {
    fn bytes_per_row(&self, _: usize) -> u64 {
        Rows::BYTES
    }

    fn paths(&self) -> Vec<PathBuf> {
        vec![self.place.path("report.html")]
    }

    fn begin(&mut self, run: &RunHeader) -> Result<()> {
        self.file = Some(self.place.create("report.html")?);
        let limits = self.limits;
        let numbers: Vec<usize> = run
            .groups
            .iter()
            .map(|group| group.analysed.len())
            .collect();
        self.traits = OfTraits::of(run, |one| Received {
            // As in the log, in which the facts are looked up by this name.
            name: escaped(&one.name),
            n_individuals: 0,
            collector: Collector::new(limits),
            collected: None,
            regions: Vec::new(),
            phenotype: None,
            profile: None,
        });
        for (group, n) in numbers.into_iter().enumerate() {
            for (_, one) in self.traits.of_group(group) {
                one.n_individuals = n;
            }
        }
        Ok(())
    }

    fn analysed_kinship(&mut self, group: usize, _: Option<&str>, kinship: &Kinship) -> Result<()> {
        let of = &mut self.groups[group];
        if of.pairs.is_none() {
            of.pairs = kinships::pairs(kinship);
        }
        Ok(())
    }

    fn decomposition(&mut self, unit: &WorkUnit, eigen: &Eigen) -> Result<()> {
        let title = match unit.kinship.left_out() {
            None => self.titles[unit.group].clone(),
            Some(one) => {
                let without = format!("Kinship without chromosome {}", escaped(&one.name));
                match self.titles[unit.group].as_str() {
                    "" => without,
                    title => format!("{without}: {title}"),
                }
            }
        };
        let of = &mut self.groups[unit.group];
        if of.view.is_none() {
            of.view = Some(kinships::view(eigen, title));
        }
        Ok(())
    }

    fn phenotype(&mut self, group: usize, of: usize, values: &[f64]) -> Result<()> {
        if let Some(one) = self.received(group, of) {
            one.phenotype = Distribution::of(values, "Phenotype", "Individuals");
        }
        Ok(())
    }

    fn null_model(&mut self, unit: &WorkUnit, of: usize, fitted: &FittedTrait) -> Result<()> {
        // With several kinships, the profile of one of them would say little.
        if unit.kinship.left_out().is_some() {
            return Ok(());
        }
        if let Some(one) = self.received(unit.group, of) {
            let points = pve_profile(&fitted.model, &fitted.null);
            let interval = fitted.null.pve_interval;
            one.profile = (points.len() > 1).then_some(Profile {
                points,
                best: fitted.null.pve,
                interval: interval.map(|one| [one.lower, one.upper]),
            });
        }
        Ok(())
    }

    fn block(&mut self, group: usize, block: &AssocBlock) -> Result<()> {
        let places = &self.places;
        for (of, one) in self.traits.of_group(group) {
            let values = &block.traits[of].values;
            let tested = block.exclusion.iter().enumerate();
            let tested = tested.filter(|(_, why)| why.is_none());
            for (row, _) in tested {
                let snp = block.snp(row);
                let value =
                    |place: Option<usize>| place.map_or(f64::NAN, |place| values[place][row]);
                let y = match places.neg_log10_p {
                    Some(place) => values[place][row],
                    None => neg_log10(values[places.p][row]),
                };
                one.collector.add(&SnpRow {
                    snp: block.snp_index[row] as u32,
                    chr: snp.chr,
                    position: snp.ps,
                    id: snp.rs,
                    allele1: snp.allele1,
                    allele0: snp.allele0,
                    af: block.af[row],
                    n_miss: Some(block.n_miss[row]),
                    beta: value(places.beta),
                    se: value(places.se),
                    y,
                });
            }
        }
        Ok(())
    }

    fn restart(&mut self) -> Result<()> {
        for group in 0..self.groups.len() {
            for (_, one) in self.traits.of_group(group) {
                one.collector = Collector::new(self.limits);
            }
        }
        Ok(())
    }

    fn failed(&mut self, group: usize, of: usize) -> Result<()> {
        self.traits.remove(group, of);
        Ok(())
    }

    fn ld_requests(&mut self, group: usize) -> Vec<LdRequest> {
        self.complete(group);
        let mut requests = Vec::new();
        for (_, one) in self.traits.of_group(group) {
            let Some(collected) = &one.collected else {
                continue;
            };
            for Region { window, .. } in &one.regions {
                let snps = window
                    .rows
                    .iter()
                    .map(|&row| collected.rows.snp[row] as usize);
                requests.push(LdRequest {
                    lead: collected.thinned.strongest[window.lead].point.snp as usize,
                    snps: snps.collect(),
                });
            }
        }
        requests
    }

    fn ld(&mut self, group: usize, r2: Vec<Vec<f32>>) -> Result<()> {
        let mut r2 = r2.into_iter();
        for (_, one) in self.traits.of_group(group) {
            for region in &mut one.regions {
                region.r2 = r2.next().unwrap_or_default();
            }
        }
        Ok(())
    }

    fn finish(&mut self, report: &RunReport) -> Result<Vec<PathBuf>> {
        let mut file = self.file.take().expect("the sink was begun");
        let name = self.place.name();
        let run = self.run_view(report);
        file.write(page(&[run], &name).as_bytes())?;
        Ok(vec![file.finish()?])
    }
}
