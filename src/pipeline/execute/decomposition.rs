//! The decompositions of kinships, one after the other or side by side.

use super::super::inspection;
use super::super::relatedness::Relatedness;
use super::Execution;
use super::kinship::name_of;
use crate::backend::Backend;
use crate::cohort::{Weights, WorkUnit};
use crate::eigen::Eigen;
use crate::eigen::cache::{CacheKey, Description, KeyInputs, Lookup};
use crate::error::{Error, Result};
use crate::kinship::{Kinship, KinshipKind};
use crate::null::{Mixture, MixtureInputs, estimate_mixture};
use crate::progress::{Observer, Progress, Stage};
use rayon::ThreadPoolBuilder;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// How often the progress of decompositions that run side by side is reported.
const POLL_INTERVAL: Duration = Duration::from_millis(2);

/// A kinship to be decomposed.
pub(super) struct Undecomposed {
    pub(super) kinship: Kinship,
    /// Its name in messages.
    pub(super) name: String,
    /// Its kind, for the list of the cache.
    pub(super) kind: &'static str,
    /// The chromosome that is left out of it.
    pub(super) left_out: Option<String>,
}

/// The decomposition of the kinship of a unit.
pub(super) struct UnitEigen {
    pub(super) eigen: Eigen,
    /// The ratio of two kinships of which it is, if there are two.
    pub(super) mixture: Option<Mixture>,
}

/// The kind of a kinship that was given.
const GIVEN: &str = "given";
/// The kind of a kinship that was combined from two.
const COMBINED: &str = "combined";

/// The kind of a computed kinship.
pub(super) fn word(kind: KinshipKind) -> &'static str {
    match kind {
        KinshipKind::Centred => "centred",
        KinshipKind::Standardised => "standardised",
    }
}

impl Execution<'_> {
    /// The decomposition of the only kinship of a group.
    pub(super) fn eigen(&mut self, unit: &WorkUnit, of: Relatedness) -> Result<UnitEigen> {
        let mut word_of_kind = GIVEN;
        let (kinship, name) = match of {
            Relatedness::Unused => panic!("a unit whose kinship is decomposed has a kinship"),
            Relatedness::Eigen(eigen) => {
                let mixture = None;
                return Ok(UnitEigen { eigen, mixture });
            }
            Relatedness::Kinship { kinship, name } => (kinship, name),
            Relatedness::Selection {
                kinship,
                rows,
                name,
            } => {
                let kinship = kinship.subset(&rows)?;
                self.count_copies(unit.group, &kinship);
                (kinship, name)
            }
            Relatedness::Computed { kind, save } => {
                word_of_kind = word(kind);
                let kinship = self.analysed_kinship(unit.group, &unit.kinship, kind, save)?;
                (kinship, name_of(&unit.kinship))
            }
        };
        let left_out = unit.kinship.left_out().map(|one| one.name.clone());
        let one = Undecomposed {
            kinship,
            name,
            kind: word_of_kind,
            left_out,
        };
        let (one, mixture) = self.mixed(unit.group, one)?;
        let mut eigen = self.decomposed(unit.group, vec![one])?;
        let eigen = eigen.remove(0);
        Ok(UnitEigen { eigen, mixture })
    }

    /// The combination of a kinship of the individuals of a group with the second one, in the ratio that is estimated for the
    /// trait of the group; without a second kinship, `first`.
    ///
    /// Fails as [`estimate_mixture`] does.
    pub(super) fn mixed(
        &mut self,
        group: usize,
        first: Undecomposed,
    ) -> Result<(Undecomposed, Option<Mixture>)> {
        let living = self.living(group);
        let (Some(one), Some(second)) = (living.traits.first(), &self.second_kinship) else {
            return Ok((first, None));
        };
        assert_eq!(living.traits.len(), 1, "a trait has a mixture of its own");
        let name = second.name.clone();
        let is_last = group + 1 == self.study.cohort.groups.len() && !self.leaves_out_every();
        let second = if is_last {
            let last = self.second_kinship.take();
            last.map(|second| second.into_kinship_of(&living.subset))
        } else {
            Some(second.of(&living.subset))
        };
        let second = second.expect("there is a second kinship")?;
        let roots = living.weights.as_ref().map(Weights::roots);
        let mixture = self.timed(Stage::VarianceComponents, None, |run| {
            let inputs = MixtureInputs {
                kinships: [&first.kinship, &second],
                names: [&first.name, &name],
                w: living.design.w.as_ref(),
                y: &one.y,
                roots: roots.as_deref(),
            };
            estimate_mixture(inputs, &|| run.setting.observer.is_cancelled())
        })?;
        let combined = Undecomposed {
            kinship: mixture.combined(first.kinship, &second),
            name: format!("the combination of {} and {name}", first.name),
            kind: COMBINED,
            left_out: first.left_out,
        };
        Ok((combined, Some(mixture)))
    }

    /// The decompositions of kinships of the individuals of a group: from the cache, or computed side by side.
    pub(super) fn decomposed(
        &mut self,
        group: usize,
        kinships: Vec<Undecomposed>,
    ) -> Result<Vec<Eigen>> {
        let names: Vec<String> = kinships.iter().map(|one| one.name.clone()).collect();
        for one in &kinships {
            let left_out = one.left_out.as_deref();
            self.each_sink(|sink| sink.analysed_kinship(group, left_out, &one.kinship))?;
        }
        let keys = self.keys(group, &kinships);
        let weights = self.study.cohort.groups[group].weights.clone();
        let mut notes = Vec::new();
        let eigen = self.timed(Stage::Eigendecomposition, None, |run| {
            let (backend, observer) = (run.setting.backend, run.setting.observer);
            let mut found = Vec::new();
            let (mut missing, mut descriptions) = (Vec::new(), Vec::new());
            for (one, key) in kinships.into_iter().zip(&keys) {
                let cached = run.cached(key.as_ref(), one.kinship.matrix.nrows(), &mut notes);
                if cached.is_none() {
                    descriptions.push((*key, run.description(&one)));
                    missing.push(one.kinship);
                }
                found.push(cached);
            }
            let computed = match <[Kinship; 1]>::try_from(missing) {
                Ok([kinship]) => {
                    let advance = |done| observer.on(Progress::Fraction(done));
                    let is_cancelled = || observer.is_cancelled();
                    let weights = weights.as_ref();
                    vec![decompose(
                        backend,
                        kinship,
                        weights,
                        &is_cancelled,
                        &advance,
                    )?]
                }
                Err(kinships) if kinships.is_empty() => Vec::new(),
                Err(kinships) => side_by_side(backend, observer, kinships, weights.as_ref())?,
            };
            for (eigen, (key, description)) in computed.iter().zip(&descriptions) {
                if let (Some(cache), Some(key)) = (&run.cache, key) {
                    notes.extend(cache.store(key, eigen, description));
                }
            }
            let mut computed = computed.into_iter();
            let all = found
                .into_iter()
                .map(|cached| cached.or_else(|| computed.next()));
            Ok(all.flatten().collect::<Vec<Eigen>>())
        })?;
        notes.extend(self.setting.backend.notes());
        self.say(&notes);
        for (eigen, name) in eigen.iter().zip(&names) {
            let found = inspection::of_decomposition(eigen, name);
            let notes: Vec<String> = found.iter().flatten().cloned().collect();
            self.say(&notes);
            found?;
        }
        Ok(eigen)
    }

    /// The keys of kinships in the cache; `None` without a cache.
    fn keys(&self, group: usize, kinships: &[Undecomposed]) -> Vec<Option<CacheKey>> {
        if self.cache.is_none() {
            return kinships.iter().map(|_| None).collect();
        }
        let cohort = &self.study.cohort;
        let individuals = cohort.analysed(&cohort.groups[group]);
        let weights = cohort.groups[group].weights.as_ref();
        let origin = weights.map_or_else(String::new, Weights::origin);
        let key = |one: &Undecomposed| {
            CacheKey::of(&KeyInputs {
                backend: self.setting.backend.name(),
                matrix: one.kinship.matrix.as_ref(),
                individuals: &individuals,
                origin: &origin,
            })
        };
        kinships.iter().map(|one| Some(key(one))).collect()
    }

    /// The decomposition of n individuals in the cache, if there is one; notes are pushed to `notes`.
    fn cached(&self, key: Option<&CacheKey>, n: usize, notes: &mut Vec<String>) -> Option<Eigen> {
        let (cache, key) = self.cache.as_ref().zip(key)?;
        match cache.load(key, n) {
            Lookup::Hit(eigen) => {
                notes.push(format!(
                    "a decomposition was read from the cache: {}",
                    cache.path(key).display()
                ));
                Some(eigen)
            }
            Lookup::Miss => None,
            Lookup::Unusable(note) => {
                notes.push(note);
                None
            }
        }
    }

    /// What `jamma cache list` shows of a decomposition.
    fn description(&self, of: &Undecomposed) -> Description {
        let files = self.study.source.files();
        let genotypes = files.first().map(|path| path.display().to_string());
        Description {
            genotypes: genotypes.unwrap_or_else(|| "arrays".into()),
            kinship: of.kind.to_owned(),
            excluded_chromosome: of.left_out.clone(),
            n_snps: None,
            backend: self.setting.backend.name().to_owned(),
        }
    }
}

/// Centres a kinship, scales it by the weights of its individuals, and decomposes it.
fn decompose(
    backend: &dyn Backend,
    kinship: Kinship,
    weights: Option<&Weights>,
    is_cancelled: &(dyn Fn() -> bool + Sync),
    advance: &(dyn Fn(f64) + Sync),
) -> Result<Eigen> {
    let Some(weights) = weights else {
        return backend.eigendecompose(kinship, is_cancelled, advance);
    };
    let mut matrix = Eigen::centred(kinship)?;
    weights.scale_kinship(&mut matrix)?;
    backend.eigendecompose_centred(matrix, is_cancelled, advance)
}

/// Decomposes several kinships at once, each on its share of the threads. The results do not depend on the number of threads.
fn side_by_side(
    backend: &dyn Backend,
    observer: &dyn Observer,
    kinships: Vec<Kinship>,
    weights: Option<&Weights>,
) -> Result<Vec<Eigen>> {
    let n_threads = (rayon::current_num_threads() / kinships.len()).max(1);
    let done: Vec<AtomicU64> = kinships.iter().map(|_| AtomicU64::default()).collect();
    let is_cancelled = || observer.is_cancelled();
    thread::scope(|scope| {
        let running: Vec<_> = (kinships.into_iter().zip(&done))
            .map(|(kinship, done)| {
                let pool = ThreadPoolBuilder::new().num_threads(n_threads).build();
                let is_cancelled = &is_cancelled;
                scope.spawn(move || {
                    let pool = pool.map_err(|reason| Error::threads(n_threads, &reason))?;
                    let advance = |fraction: f64| done.store(fraction.to_bits(), Ordering::Relaxed);
                    pool.install(|| decompose(backend, kinship, weights, is_cancelled, &advance))
                })
            })
            .collect();
        while running.iter().any(|one| !one.is_finished()) {
            let fractions = done
                .iter()
                .map(|one| f64::from_bits(one.load(Ordering::Relaxed)));
            let mean = fractions.sum::<f64>() / done.len() as f64;
            observer.on(Progress::Fraction(mean));
            thread::sleep(POLL_INTERVAL);
        }
        let joined = running.into_iter().map(std::thread::ScopedJoinHandle::join);
        let results =
            joined.map(|result| result.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        results.collect()
    })
}
