//! The memory that this process may still use, which is the smallest of:
//!
//! * the free memory of the machine, including page cache, which the system releases on demand;
//! * what is left within the limit of the control group of this process, and of each group above it;
//! * what is left within the process limits of address space (`ulimit -v`) and data (`ulimit -d`).

use super::job::Machine;
use sysinfo::{MemoryRefreshKind, RefreshKind, System};

/// Memory that a run may use, and what limits it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreeMemory {
    /// Bytes.
    pub bytes: u64,
    /// What limits it, for messages: `--memory`, `free on this machine`, ...
    pub bound: &'static str,
}

/// The memory limit of a run: `--memory`, else the free memory.
pub(super) fn budget(machine: Machine) -> Option<FreeMemory> {
    match machine.memory {
        Some(bytes) => Some(FreeMemory {
            bytes,
            bound: "--memory",
        }),
        None => free_memory(machine.threads),
    }
}

/// The free memory of the machine, or less if a control group or a process limit is smaller.
///
/// * `threads`: number of threads that the run may start, each with a stack and an arena of the allocator
#[must_use]
pub fn free_memory(threads: usize) -> Option<FreeMemory> {
    let found = |bound| move |bytes| FreeMemory { bytes, bound };
    let bounds = [
        machine().map(found("free on this machine")),
        groups().map(found(
            "left within the memory limit of this process's control group",
        )),
        limits::address_space(threads)
            .map(found("left within the limit of address space, ulimit -v")),
        limits::data(threads).map(found("left within the limit of data, ulimit -d")),
    ];
    bounds.into_iter().flatten().min_by_key(|free| free.bytes)
}

/// `MemAvailable`: memory that can be used without swapping.
fn machine() -> Option<u64> {
    let kind = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    // 0 if the system does not report it.
    Some(System::new_with_specifics(kind).available_memory()).filter(|&bytes| bytes > 0)
}

#[cfg(target_os = "linux")]
fn groups() -> Option<u64> {
    groups::free(std::path::Path::new("/"))
}

#[cfg(not(target_os = "linux"))]
fn groups() -> Option<u64> {
    None
}

/// Control groups of Linux, version 1 and 2.
#[cfg(any(target_os = "linux", test))]
mod groups {
    use std::path::{Path, PathBuf};

    /// File names of a version.
    struct Version {
        limit: &'static str,
        usage: &'static str,
        /// Lines of `memory.stat` that include the groups below.
        reclaimable: [&'static str; 2],
    }

    const V1: Version = Version {
        limit: "memory.limit_in_bytes",
        usage: "memory.usage_in_bytes",
        reclaimable: ["total_inactive_file", "total_active_file"],
    };
    const V2: Version = Version {
        limit: "memory.max",
        usage: "memory.current",
        reclaimable: ["inactive_file", "active_file"],
    };

    /// The smallest memory left in a group of this process; `None` if no group has a limit.
    ///
    /// * `root`: the directory with `proc` and the mounted groups; `/` except in tests
    pub(super) fn free(root: &Path) -> Option<u64> {
        let read = |path: &str| std::fs::read_to_string(root.join(path)).ok();
        let (own, mounts) = (read("proc/self/cgroup")?, read("proc/self/mountinfo")?);
        let of_version = |version: &Version, name: &str, controller: &str| {
            let path = own_path(&own, controller)?;
            let (inner, at) = mount(&mounts, name, controller)?;
            let at = root.join(at.trim_start_matches('/'));
            // In a container, the path may be the one outside of it.
            let below = path.strip_prefix(inner).unwrap_or("");
            let folder = at.join(below.trim_start_matches('/'));
            folder
                .ancestors()
                .take_while(|folder| folder.starts_with(&at))
                .filter_map(|folder| left(folder, version))
                .min()
        };
        let v1 = of_version(&V1, "cgroup", "memory");
        let v2 = of_version(&V2, "cgroup2", "");
        [v1, v2].into_iter().flatten().min()
    }

    /// The path of this process's group; version 2 has an empty list of controllers.
    fn own_path<'a>(own: &'a str, controller: &str) -> Option<&'a str> {
        own.lines().find_map(|line| {
            let mut parts = line.splitn(3, ':').skip(1);
            let is_it = parts.next()?.split(',').any(|name| name == controller);
            parts.next().filter(|_| is_it)
        })
    }

    /// The mounted group and its mount point.
    fn mount<'a>(mounts: &'a str, name: &str, controller: &str) -> Option<(&'a str, String)> {
        mounts.lines().find_map(|line| {
            let (place, kind) = line.split_once(" - ")?;
            let mut kind = kind.split(' ');
            let is_named = kind.next() == Some(name);
            let options = kind.nth(1).unwrap_or_default();
            let has =
                controller.is_empty() || options.split(',').any(|option| option == controller);
            let mut place = place.split(' ').skip(3);
            let (inner, at) = (place.next()?, place.next()?);
            (is_named && has).then(|| (inner.trim_end_matches('/'), at.replace("\\040", " ")))
        })
    }

    /// The limit of the group in `folder` minus its memory that is not reclaimable; `None` without a limit.
    fn left(folder: &Path, version: &Version) -> Option<u64> {
        let read = |name: &str| std::fs::read_to_string(PathBuf::from(folder).join(name)).ok();
        // `max` in version 2 and a huge number in version 1 mean no limit.
        let limit: u64 = read(version.limit)?.trim().parse().ok()?;
        if limit >= 1 << 62 {
            return None;
        }
        let used: u64 = read(version.usage)?.trim().parse().ok()?;
        let stat = read("memory.stat").unwrap_or_default();
        let cache = stat.lines().filter_map(|line| {
            let (name, bytes) = line.split_once(' ')?;
            let is_cache = version.reclaimable.contains(&name);
            is_cache.then(|| bytes.trim().parse::<u64>().ok()).flatten()
        });
        let held = used.saturating_sub(cache.sum());
        Some(limit.saturating_sub(held))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        /// A temporary folder with `files`, used as `/`.
        fn root(files: &[(&str, &str)]) -> tempfile::TempDir {
            let root = tempfile::tempdir().unwrap();
            for (path, content) in files {
                let path = root.path().join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, content).unwrap();
            }
            root
        }

        const MOUNT_V2: &str =
            "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";

        #[test]
        fn page_cache_of_a_group_counts_as_free() {
            let root = root(&[
                ("proc/self/cgroup", "0::/user/job\n"),
                ("proc/self/mountinfo", MOUNT_V2),
                ("sys/fs/cgroup/user/job/memory.max", "4000000000\n"),
                ("sys/fs/cgroup/user/job/memory.current", "3900000000\n"),
                (
                    "sys/fs/cgroup/user/job/memory.stat",
                    "anon 100000000\nfile 3700000000\ninactive_file 3500000000\nactive_file 200000000\n",
                ),
            ]);
            assert_eq!(free(root.path()), Some(3_800_000_000));
        }

        #[test]
        fn the_groups_above_limit_too() {
            let root = root(&[
                ("proc/self/cgroup", "0::/user/job/step\n"),
                ("proc/self/mountinfo", MOUNT_V2),
                ("sys/fs/cgroup/user/job/step/memory.max", "max\n"),
                ("sys/fs/cgroup/user/job/step/memory.current", "10\n"),
                ("sys/fs/cgroup/user/job/memory.max", "900\n"),
                ("sys/fs/cgroup/user/job/memory.current", "200\n"),
                ("sys/fs/cgroup/user/memory.max", "1000\n"),
                ("sys/fs/cgroup/user/memory.current", "990\n"),
                // Of another job.
                ("sys/fs/cgroup/user/other/memory.max", "1\n"),
                ("sys/fs/cgroup/user/other/memory.current", "1\n"),
            ]);
            assert_eq!(free(root.path()), Some(10));
        }

        #[test]
        fn version_1_is_read_in_a_container_too() {
            let files = |inner: &str, folder: &str| {
                let mount = format!(
                    "31 23 0:28 / /sys/fs/cgroup ro - tmpfs tmpfs ro\n\
                     35 31 0:32 {inner} /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
                );
                let at = |name| format!("sys/fs/cgroup/memory{folder}/{name}");
                let (limit, usage, stat) = (
                    at("memory.limit_in_bytes"),
                    at("memory.usage_in_bytes"),
                    at("memory.stat"),
                );
                let root = root(&[
                    (
                        "proc/self/cgroup",
                        "5:cpu,cpuacct:/a\n4:memory:/docker/abc\n0::/\n",
                    ),
                    ("proc/self/mountinfo", &mount),
                    (&limit, "1000\n"),
                    (&usage, "700\n"),
                    (
                        &stat,
                        "inactive_file 1\ntotal_inactive_file 300\ntotal_active_file 100\n",
                    ),
                ]);
                free(root.path())
            };
            assert_eq!(files("/", "/docker/abc"), Some(700));
            assert_eq!(files("/docker/abc", ""), Some(700));
            assert_eq!(files("/elsewhere", ""), Some(700));
        }

        #[test]
        fn no_limit_is_none() {
            let root = root(&[
                ("proc/self/cgroup", "4:memory:/\n0::/\n"),
                (
                    "proc/self/mountinfo",
                    "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
                ),
                (
                    "sys/fs/cgroup/memory/memory.limit_in_bytes",
                    "9223372036854771712\n",
                ),
                ("sys/fs/cgroup/memory/memory.usage_in_bytes", "5\n"),
            ]);
            assert_eq!(free(root.path()), None);
            assert_eq!(free(&root.path().join("nowhere")), None);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod limits {
    pub(super) fn address_space(_: usize) -> Option<u64> {
        None
    }

    pub(super) fn data(_: usize) -> Option<u64> {
        None
    }
}

/// Limits of this process.
#[cfg(target_os = "linux")]
mod limits {
    use rustix::process::{Resource, getrlimit};

    /// Address space of a thread: the arena that the allocator reserves, and the stack.
    const ARENA: u64 = 64 << 20;
    const STACK: u64 = 2 << 20;
    /// Largest number of arenas that is counted; the allocator works with fewer if they do not fit.
    const MOST_ARENAS: u64 = 8;

    pub(super) fn address_space(threads: usize) -> Option<u64> {
        let threads = threads as u64;
        let reserve = threads.min(MOST_ARENAS) * ARENA + threads * STACK;
        left(Resource::As, "VmSize:", reserve)
    }

    pub(super) fn data(threads: usize) -> Option<u64> {
        left(Resource::Data, "VmData:", threads as u64 * STACK)
    }

    fn left(resource: Resource, line: &str, reserve: u64) -> Option<u64> {
        let limit = getrlimit(resource).current?;
        let used = std::fs::read_to_string("/proc/self/status")
            .ok()
            .and_then(|status| kilobytes(&status, line))
            .unwrap_or(0);
        Some(limit.saturating_sub(1024 * used).saturating_sub(reserve))
    }

    fn kilobytes(status: &str, name: &str) -> Option<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_status_of_this_process_is_read() {
            let status = std::fs::read_to_string("/proc/self/status").unwrap();
            for name in ["VmSize:", "VmData:"] {
                assert!(kilobytes(&status, name).unwrap() > 100);
            }
        }
    }
}
