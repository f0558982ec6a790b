//! The cost as JSON.

use super::chosen::Chosen;
use super::way::Way;
use crate::cost::{Node, Rates, StageCost};
use crate::genotype::Encoding;
use crate::output::json::Json;

pub(super) fn json(chosen: &Chosen, ways: &[Way], advice: &[String]) -> Json {
    let (study, machines) = (&chosen.study, &chosen.machines);
    let size = Json::object([
        ("individuals", study.individuals.into()),
        ("snps", study.snps.into()),
        ("traits", study.traits.into()),
        ("trait_groups", study.trait_groups.into()),
        ("covariates", (study.covariates - 1).into()),
        ("chromosomes_left_out", study.chromosomes.into()),
        ("are_dosages", (study.encoding == Encoding::Dosage).into()),
        ("missing", study.missing.into()),
    ]);
    let rates = chosen.rates.named().into_iter();
    let rates = rates.map(|(name, rate, unit)| {
        let of = Json::object([("value", rate.into()), ("unit", unit.into())]);
        (name.to_owned(), of)
    });
    let machines = Json::object([
        ("workers", machines.workers.into()),
        ("node", node(&machines.node)),
        ("eigen_workers", machines.eigen_workers.into()),
        ("eigen_node", node(&machines.eigen_node)),
        ("disk_bytes_per_second", machines.disk_rate.into()),
        ("network_bytes_per_second", machines.network_rate.into()),
    ]);
    let rates_of = if chosen.is_calibrated {
        "this machine"
    } else {
        Rates::DEFAULT_MACHINE
    };
    let mut members = vec![
        ("study".to_owned(), size),
        ("machines".to_owned(), machines),
        ("rates_of".to_owned(), rates_of.into()),
        ("rates".to_owned(), Json::Object(rates.collect())),
    ];
    members.extend(ways.iter().map(|way| (way.key.to_owned(), of_way(way))));
    members.push(("advice".to_owned(), Json::list(advice)));
    Json::Object(members)
}

fn node(node: &Node) -> Json {
    Json::object([
        ("threads", node.threads.into()),
        ("memory_bytes", node.memory.into()),
        ("memory_bytes_per_second", node.memory_rate.into()),
    ])
}

fn of_way(way: &Way) -> Json {
    Json::object([
        ("fits", way.cost.fits().into()),
        ("seconds", way.cost.seconds().into()),
        ("processor_seconds", way.cost.processor_seconds().into()),
        (
            "stages",
            Json::List(way.cost.stages.iter().map(of_stage).collect()),
        ),
    ])
}

fn of_stage(of: &StageCost) -> Json {
    Json::object([
        ("stage", of.stage.name().into()),
        ("processes", of.processes.into()),
        ("seconds", of.seconds.into()),
        ("reading_seconds", of.reading_seconds.into()),
        ("processor_seconds", of.processor_seconds.into()),
        ("memory_bytes_of_each", of.memory.into()),
        ("fits", of.fits().into()),
        ("bytes_read", of.read.into()),
        ("bytes_written", of.written.into()),
        ("bytes_sent", of.sent.into()),
    ])
}
