//! Tests of a cache as a whole.

use super::*;
use crate::eigen::decompose;
use crate::io::fam::Individual;
use faer::Mat;
use std::fs::File;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

const N: usize = 37;
const HEADER: usize = 4096;
const LENGTH: usize = HEADER + 8 * N * (N + 1);

struct Bench {
    folder: TempDir,
    cache: EigenCache,
    eigen: Eigen,
    key: CacheKey,
}

fn key(origin: &str) -> CacheKey {
    let individual = Individual {
        fid: "f".into(),
        iid: "i".into(),
    };
    CacheKey::of(&KeyInputs {
        backend: "rust",
        matrix: Mat::from_fn(1, 1, |_, _| 1.0).as_ref(),
        individuals: &[individual],
        origin,
    })
}

/// A decomposition of `n` individuals with eigenvalues of all kinds.
fn eigen(n: usize) -> Eigen {
    let square = Mat::from_fn(n, n, |i, j| ((i * j + i + j) as f64).sin());
    let matrix = &square + square.transpose();
    let (values, mut vectors) = decompose(matrix, &|_| ()).unwrap();
    vectors[(0, 0)] = -0.0;
    vectors[(1, 0)] = f64::from_bits(0x7ff8_0000_dead_beef);
    Eigen::new(values, vectors)
}

impl Bench {
    /// A cache with one entry.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bench = Self {
            cache: EigenCache::new(folder.path().join("a/cache")),
            eigen: eigen(N),
            key: key("one"),
            folder,
        };
        bench.store("one");
        bench
    }

    fn store(&self, origin: &str) {
        let note = self
            .cache
            .store(&key(origin), &self.eigen, &Description::default());
        assert_eq!(note, None);
    }

    fn path(&self) -> PathBuf {
        self.cache.path(&self.key)
    }

    /// The reason why the entry is not used.
    fn refused(&self) -> String {
        match self.cache.load(&self.key, N) {
            Lookup::Unusable(note) => {
                let start = format!("{}: ", self.path().display());
                assert!(note.starts_with(&start), "{note}");
                assert!(note.ends_with("; it is computed again"), "{note}");
                note
            }
            found => panic!("{found:?}"),
        }
    }

    fn assert_hit(&self) {
        match self.cache.load(&self.key, N) {
            Lookup::Hit(found) => assert_same_bits(&found, &self.eigen),
            found => panic!("{found:?}"),
        }
    }

    fn n_files(&self) -> usize {
        std::fs::read_dir(self.cache.directory()).unwrap().count()
    }
}

fn assert_same_bits(a: &Eigen, b: &Eigen) {
    let bits = |values: &[f64]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&a.values), bits(&b.values));
    for j in 0..b.n() {
        assert_eq!(
            bits(a.vectors.col_as_slice(j)),
            bits(b.vectors.col_as_slice(j)),
            "column {j}"
        );
    }
    assert_eq!(a.n_zero, b.n_zero);
    assert_eq!(a.most_negative.to_bits(), b.most_negative.to_bits());
}

#[test]
fn what_is_stored_is_loaded_with_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let cache = EigenCache::new(folder.path().join("new"));
    // One column and several chunks of columns; 513 columns do not fill faer's stride.
    for n in [2, N, 513] {
        let (eigen, key) = (eigen(n), key(&n.to_string()));
        assert!(matches!(cache.load(&key, n), Lookup::Miss));
        assert!(eigen.most_negative < 0.0 && eigen.n_zero > 0);
        assert_eq!(cache.store(&key, &eigen, &Description::default()), None);
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            match pool.unwrap().install(|| cache.load(&key, n)) {
                Lookup::Hit(found) => assert_same_bits(&found, &eigen),
                found => panic!("{found:?}"),
            }
        }
    }
}

#[test]
fn a_changed_byte_is_detected_wherever_it_is_and_the_entry_is_replaced() {
    let bench = Bench::new();
    let bytes = std::fs::read(bench.path()).unwrap();
    assert_eq!(bytes.len(), LENGTH);
    let places = [
        (0, "does not begin as a cached eigendecomposition"),
        (12, "it has format 0 of another version"),
        (20, "its header is damaged"),
        (HEADER / 2, "its header is damaged"),
        (HEADER - 2, "its header is damaged"),
        (HEADER, "its numbers are damaged"),
        (HEADER + 8 * N, "its numbers are damaged"),
        (LENGTH / 2, "its numbers are damaged"),
        (LENGTH - 1, "its numbers are damaged"),
    ];
    for (at, reason) in places {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        std::fs::write(bench.path(), changed).unwrap();
        let note = bench.refused();
        assert!(note.contains(reason), "byte {at}: {note}");
        bench.store("one");
        bench.assert_hit();
    }
    assert_eq!(bench.n_files(), 1);
}

#[test]
fn a_file_of_another_length_is_not_used() {
    let bench = Bench::new();
    let bytes = std::fs::read(bench.path()).unwrap();
    for (length, reason) in [
        (0, "does not begin"),
        (5, "does not begin"),
        (100, "it ends within its header"),
        (HEADER, "it has 4096 bytes, and 15344 are expected"),
        (LENGTH - 1, "it has 15343 bytes"),
    ] {
        std::fs::write(bench.path(), &bytes[..length]).unwrap();
        assert!(bench.refused().contains(reason), "{}", bench.refused());
    }
    let longer = [&bytes[..], b"x"].concat();
    std::fs::write(bench.path(), longer).unwrap();
    assert!(bench.refused().contains("it has 15345 bytes"));
    bench.store("one");
    bench.assert_hit();
}

#[test]
fn another_n_and_another_key_are_not_used() {
    let bench = Bench::new();
    for n in [0, 1, N - 1, N + 1, usize::MAX] {
        match bench.cache.load(&bench.key, n) {
            Lookup::Unusable(note) => {
                assert!(note.contains("it is of 37 individuals"), "{note}");
            }
            found => panic!("{found:?}"),
        }
    }
    let other = key("two");
    std::fs::rename(bench.path(), bench.cache.path(&other)).unwrap();
    assert!(matches!(bench.cache.load(&bench.key, N), Lookup::Miss));
    match bench.cache.load(&other, N) {
        Lookup::Unusable(note) => assert!(note.contains("it was renamed"), "{note}"),
        found => panic!("{found:?}"),
    }
}

/// A sound header whose n would take more memory than any machine has.
#[test]
fn a_huge_n_is_rejected_by_the_length_of_the_file() {
    let bench = Bench::new();
    let mut header = Header::read(&File::open(bench.path()).unwrap()).unwrap();
    for n in [1 << 20, 1 << 31, usize::MAX] {
        header.n = n;
        std::fs::write(bench.path(), header.encode()).unwrap();
        match bench.cache.load(&bench.key, n) {
            Lookup::Unusable(note) => assert!(note.contains("it "), "{note}"),
            found => panic!("{found:?}"),
        }
    }
}

#[cfg(unix)]
#[test]
fn what_is_not_a_file_is_not_used() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let bench = Bench::new();
    let elsewhere = bench.folder.path().join("elsewhere");
    std::fs::rename(bench.path(), &elsewhere).unwrap();
    // Links are replaced, and what they point to is not touched.
    symlink(&elsewhere, bench.path()).unwrap();
    assert!(bench.refused().contains("it is a symbolic link"));
    let kept = std::fs::read(&elsewhere).unwrap();
    bench.store("one");
    bench.assert_hit();
    assert!(std::fs::read(&elsewhere).unwrap() == kept);
    std::fs::remove_file(bench.path()).unwrap();
    symlink(bench.path(), bench.path()).unwrap();
    assert!(bench.refused().contains("it is a symbolic link"));
    bench.store("one");
    bench.assert_hit();

    std::fs::set_permissions(bench.path(), PermissionsExt::from_mode(0o000)).unwrap();
    // Root may read everything.
    if File::open(bench.path()).is_err() {
        assert!(
            bench
                .refused()
                .contains("cannot be read (permission denied)")
        );
        let listed = bench.cache.list().unwrap();
        assert!(matches!(listed[0].state, State::Unknown(_)), "{listed:?}");
    }
    bench.store("one");
    bench.assert_hit();

    std::fs::remove_file(bench.path()).unwrap();
    std::fs::create_dir(bench.path()).unwrap();
    assert!(bench.refused().contains("it is a directory"));
    let note = bench
        .cache
        .store(&bench.key, &bench.eigen, &Description::default());
    let note = note.unwrap();
    assert!(
        note.contains("is a directory; remove the directory "),
        "{note}"
    );
    assert_eq!(bench.n_files(), 1, "no temporary file is left");
    assert_eq!(bench.cache.list().unwrap(), []);
}

#[test]
fn a_directory_that_is_not_one_is_a_note() {
    let bench = Bench::new();
    let file = bench.folder.path().join("file");
    std::fs::write(&file, "content").unwrap();
    for directory in [file.clone(), file.join("below")] {
        let cache = EigenCache::new(directory);
        let description = Description::default();
        let note = cache.store(&bench.key, &bench.eigen, &description).unwrap();
        let start = format!("{}: the eigendecomposition", cache.directory().display());
        assert!(note.starts_with(&start), "{note}");
        assert!(note.contains("give a directory"), "{note}");
        assert!(matches!(cache.load(&bench.key, N), Lookup::Unusable(_)));
        assert!(cache.list().is_err() && cache.prune(&PruneOptions::default()).is_err());
    }
    assert_eq!(std::fs::read(file).unwrap(), b"content");
}

#[test]
fn threads_that_store_and_load_one_key_do_not_disturb_each_other() {
    let bench = Bench::new();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20 {
                    bench.store("one");
                    bench.assert_hit();
                    assert!(
                        bench
                            .cache
                            .prune(&PruneOptions::default())
                            .unwrap()
                            .removed
                            .is_empty()
                    );
                }
            });
        }
    });
    assert_eq!(bench.n_files(), 1);
}

#[test]
fn a_hit_is_the_last_use() {
    let bench = Bench::new();
    let long_ago = SystemTime::now() - Duration::from_secs(1_000_000);
    let set = |at| {
        let file = File::options().write(true).open(bench.path()).unwrap();
        file.set_modified(at).unwrap();
    };
    set(long_ago);
    assert_eq!(bench.cache.list().unwrap()[0].last_use, long_ago);
    bench.assert_hit();
    let age = bench.cache.list().unwrap()[0].last_use.elapsed();
    assert!(age.unwrap_or_default() < Duration::from_secs(1000));
}

/// A cache whose entries `a`, `b`, `c` were used 1, 2 and 3 days ago.
fn aged() -> Bench {
    let bench = Bench::new();
    std::fs::remove_file(bench.path()).unwrap();
    for (days, origin) in [(1, "a"), (2, "b"), (3, "c")] {
        bench.store(origin);
        let file = File::options()
            .write(true)
            .open(bench.cache.path(&key(origin)));
        let at = SystemTime::now() - Duration::from_mins(days * 24 * 60 + 1);
        file.unwrap().set_modified(at).unwrap();
    }
    bench
}

#[test]
fn the_least_recently_used_entries_are_removed() {
    let size = LENGTH as u64;
    let none = PruneOptions::default();
    let days = |days: f64| Some(Duration::from_secs_f64(days * 24.0 * 60.0 * 60.0));
    for (options, left) in [
        (none, "abc"),
        (
            PruneOptions {
                max_bytes: Some(3 * size),
                ..none
            },
            "abc",
        ),
        (
            PruneOptions {
                max_bytes: Some(3 * size - 1),
                ..none
            },
            "ab",
        ),
        (
            PruneOptions {
                max_bytes: Some(size),
                ..none
            },
            "a",
        ),
        (
            PruneOptions {
                max_bytes: Some(0),
                ..none
            },
            "",
        ),
        (
            PruneOptions {
                older_than: days(2.5),
                ..none
            },
            "ab",
        ),
        (
            PruneOptions {
                older_than: days(30.0),
                ..none
            },
            "abc",
        ),
        (
            PruneOptions {
                older_than: days(1.5),
                max_bytes: Some(2 * size),
                ..none
            },
            "a",
        ),
        (PruneOptions { all: true, ..none }, ""),
    ] {
        let bench = aged();
        let pruned = bench.cache.prune(&options).unwrap();
        for origin in ["a", "b", "c"] {
            let exists = bench.cache.path(&key(origin)).exists();
            assert_eq!(exists, left.contains(origin), "{options:?} {origin}");
        }
        let n_left = left.len();
        assert_eq!(pruned.removed.len(), 3 - n_left);
        assert_eq!(pruned.freed(), (3 - n_left) as u64 * size);
        assert_eq!(
            (pruned.n_left, pruned.bytes_left),
            (n_left, n_left as u64 * size)
        );
        assert!(pruned.failed.is_empty() && pruned.unknown.is_empty());
    }
}

#[test]
fn only_files_that_cannot_be_used_are_removed_without_options() {
    let bench = aged();
    let at = |name: &str| bench.cache.directory().join(name);
    let bytes = std::fs::read(bench.cache.path(&key("a"))).unwrap();
    let digits = |digit: &str| digit.repeat(32);
    let mut damaged = bytes.clone();
    damaged[100] ^= 1;
    let mut newer = bytes.clone();
    newer[12] = b'9';
    let broken = [
        (
            format!("{}.jamma-eigen", digits("0")),
            &bytes[..],
            "it was renamed",
        ),
        (
            format!("{}.jamma-eigen", digits("1")),
            &damaged,
            "its header is damaged",
        ),
        (
            format!("{}.jamma-eigen", digits("2")),
            &newer,
            "it has format 9",
        ),
        (
            format!("{}.jamma-eigen", digits("3")),
            &bytes[..5000],
            "it has 5000 bytes",
        ),
        (format!("{}.jamma-eigen", digits("4")), b"", "it is empty"),
        (
            format!(".{}.jamma-eigen.abc123.partial", digits("5")),
            &bytes[..9000],
            "an interrupted run left it",
        ),
        (
            format!(".{}.jamma-eigen.abc123.partial", digits("6")),
            b"",
            "an interrupted run left it",
        ),
    ];
    for (name, bytes, _) in &broken {
        std::fs::write(at(name), bytes).unwrap();
    }
    let empty = File::options().write(true).open(at(&broken[6].0)).unwrap();
    let earlier = SystemTime::now() - Duration::from_secs(100);
    empty.set_modified(earlier).unwrap();
    let kept = [
        format!("{}.jamma-eigen", digits("7")),
        format!(".{}.jamma-eigen.abc123.partial", digits("8")),
        "notes.txt".to_owned(),
        ".x.abc123.partial".to_owned(),
    ];
    for name in &kept {
        std::fs::write(at(name), "something else").unwrap();
    }
    let live = at(&format!(".{}.jamma-eigen.abc123.partial", digits("9")));
    std::fs::write(&live, &bytes[..6000]).unwrap();
    let locked = File::options().write(true).open(&live).unwrap();
    locked.lock().unwrap();

    let pruned = bench.cache.prune(&PruneOptions::default()).unwrap();
    let mut removed: Vec<_> = pruned.removed.iter().collect();
    removed.sort_by_key(|(path, ..)| {
        path.file_name()
            .unwrap()
            .to_string_lossy()
            .trim_start_matches('.')
            .to_owned()
    });
    for ((path, bytes, reason), (name, written, expected)) in removed.iter().zip(&broken) {
        assert_eq!((path, *bytes), (&at(name), written.len() as u64));
        assert!(reason.contains(expected), "{reason}");
        assert!(!path.exists());
    }
    assert_eq!(removed.len(), broken.len());
    assert!(kept.iter().all(|name| at(name).exists()) && live.exists());
    assert_eq!(
        (pruned.n_left, pruned.unknown.len(), pruned.n_unfinished),
        (3, 2, 1)
    );

    let pruned = bench
        .cache
        .prune(&PruneOptions {
            all: true,
            ..PruneOptions::default()
        })
        .unwrap();
    assert_eq!((pruned.removed.len(), pruned.n_left), (3, 0));
    assert!(kept.iter().all(|name| at(name).exists()) && live.exists());
    drop(locked);
    // The next run that stores something removes what a dead run left.
    bench.store("a");
    assert!(!live.exists());
}

#[cfg(unix)]
#[test]
fn links_are_neither_listed_nor_followed() {
    let bench = Bench::new();
    let entry = bench.folder.path().join("entry");
    std::fs::rename(bench.path(), &entry).unwrap();
    std::os::unix::fs::symlink(&entry, bench.path()).unwrap();
    assert_eq!(bench.cache.list().unwrap(), []);
    let all = PruneOptions {
        all: true,
        ..PruneOptions::default()
    };
    assert!(bench.cache.prune(&all).unwrap().removed.is_empty());
    assert!(bench.path().exists() && entry.exists());
}

#[test]
fn the_list_describes_the_entries() {
    let bench = Bench::new();
    let description = Description {
        genotypes: "mouse".into(),
        kinship: "centred".into(),
        excluded_chromosome: Some("3".into()),
        n_snps: Some(10_768),
        backend: "rust".into(),
    };
    assert_eq!(
        bench.cache.store(&bench.key, &bench.eigen, &description),
        None
    );
    let listed = bench.cache.list().unwrap();
    let [entry] = listed.as_slice() else {
        panic!("{listed:?}")
    };
    assert_eq!((&entry.path, entry.bytes), (&bench.path(), LENGTH as u64));
    let State::Usable(header) = &entry.state else {
        panic!("{entry:?}")
    };
    assert_eq!((header.n, &header.description), (N, &description));
    assert_eq!(
        description.to_string(),
        "mouse: centred kinship without chromosome 3, 10768 SNPs, rust"
    );
}

#[test]
fn an_interrupted_run_leaves_no_unfinished_entry() {
    let bench = Bench::new();
    let directory = bench.cache.directory();
    let entry = unfinished::UnfinishedEntry::create(directory, &bench.key).unwrap();
    assert_eq!(bench.n_files(), 2);
    assert_eq!(bench.cache.list().unwrap()[0].state, State::Unfinished);
    unfinished::remove_unfinished_of(|path| path.starts_with(directory));
    assert_eq!(bench.n_files(), 1);
    assert!(entry.finish(&bench.path()).is_err());
    bench.assert_hit();
    let dropped = unfinished::UnfinishedEntry::create(directory, &bench.key).unwrap();
    drop(dropped);
    assert_eq!(bench.n_files(), 1);
}
