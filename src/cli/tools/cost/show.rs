//! The cost as text.

use super::super::aligned::{Cell, lines};
use super::chosen::Chosen;
use super::quantity::{size, thousands, time};
use super::way::Way;
use crate::cli::report::print;
use crate::cli::terminal::{Style, has_colours, styled};
use crate::cost::{Rates, StageCost};
use crate::genotype::Encoding;

pub(super) fn show(chosen: &Chosen, ways: &[Way], advice: &[String]) {
    print(study(chosen));
    print(machines(chosen));
    let colours = has_colours();
    for way in ways {
        print("");
        print(styled(way.title, Style::Bold, colours));
        table(way, colours).iter().for_each(print);
    }
    if !advice.is_empty() {
        print("");
    }
    advice.iter().for_each(print);
}

fn plural(n: u64, one: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{} {one}{s}", thousands(n))
}

/// `100,000 individuals, 10,000,000 SNPs (hard calls), 1 trait, 1 covariate with the intercept`.
fn study(chosen: &Chosen) -> String {
    let of = &chosen.study;
    let mut words = vec![
        plural(of.individuals, "individual"),
        format!(
            "{} ({})",
            plural(of.snps, "SNP"),
            match of.encoding {
                Encoding::Packed => "hard calls",
                Encoding::Dosage => "dosages",
            }
        ),
        plural(of.traits, "trait"),
    ];
    if of.trait_groups > 1 {
        words.push(format!("{} sets of individuals", of.trait_groups));
    }
    if of.covariates > 1 {
        words.push(plural(of.covariates - 1, "covariate"));
    }
    if of.chromosomes > 0 {
        words.push(format!(
            "{} left out in turn",
            plural(of.chromosomes, "chromosome")
        ));
    }
    words.join(", ")
}

fn machines(chosen: &Chosen) -> String {
    let of = &chosen.machines;
    let rates = if chosen.is_calibrated {
        "measured on this machine".to_owned()
    } else {
        format!("those of an {}", Rates::DEFAULT_MACHINE)
    };
    let memory = |bytes: Option<u64>| match bytes {
        None => "memory not given".to_owned(),
        Some(bytes) => size(bytes),
    };
    let mut words = vec![
        format!(
            "each process: {}, {}",
            plural(of.node.threads, "thread"),
            memory(of.node.memory)
        ),
        format!(
            "disk {}/s, network {}/s",
            size(of.disk_rate as u64),
            size(of.network_rate as u64)
        ),
        format!("rates: {rates}"),
    ];
    if chosen.has_cluster && (of.eigen_node != of.node || of.eigen_workers > 1) {
        words.push(format!(
            "decomposition on {} with {}, {}",
            plural(of.eigen_workers, "node"),
            plural(of.eigen_node.threads, "thread"),
            memory(of.eigen_node.memory)
        ));
    }
    words.join("; ")
}

fn table(way: &Way, colours: bool) -> Vec<String> {
    let names = [
        "stage",
        "processes",
        "time",
        "reading",
        "processor time",
        "memory of each",
        "read",
        "written",
        "sent",
    ];
    let header = names.map(|name| Cell(name.to_owned(), Style::Bold));
    let mut rows = vec![Vec::from(header)];
    rows.extend(way.cost.stages.iter().map(row));
    let total = |of: fn(&StageCost) -> u64| size(way.cost.stages.iter().map(of).sum());
    let peak = way.cost.stages.iter().map(|of| of.memory).max();
    let reading = way.cost.stages.iter().map(|of| of.reading_seconds).sum();
    rows.push(vec![
        "total".into(),
        "".into(),
        time(way.cost.seconds()).into(),
        time(reading).into(),
        time(way.cost.processor_seconds()).into(),
        size(peak.unwrap_or_default()).into(),
        total(|of| of.read).into(),
        total(|of| of.written).into(),
        total(|of| of.sent).into(),
    ]);
    let is_text = [true, false, false, false, false, false, false, false, false];
    lines(&rows, &is_text, colours)
}

fn row(of: &StageCost) -> Vec<Cell> {
    let memory = if of.fits() {
        Cell(size(of.memory), Style::Plain)
    } else {
        Cell(format!("{}: too much", size(of.memory)), Style::Bad)
    };
    vec![
        of.stage.name().into(),
        thousands(of.processes).into(),
        time(of.seconds).into(),
        time(of.reading_seconds).into(),
        time(of.processor_seconds).into(),
        memory,
        size(of.read).into(),
        size(of.written).into(),
        size(of.sent).into(),
    ]
}
