//! The machines on which a study is analysed.

/// One node, or the part of it that a process may use.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Node {
    /// Threads: cores of the process.
    pub threads: u64,
    /// Bytes of memory that the process may use; `None` if unknown.
    pub memory: Option<u64>,
    /// Bytes per second that all cores together read from memory, at most.
    pub memory_rate: f64,
}

impl Default for Node {
    /// The cores of this machine, unknown memory, 200 GB/s: a server with two sockets reaches 200 to 400 GB/s.
    fn default() -> Self {
        Self {
            threads: std::thread::available_parallelism().map_or(1, |n| n.get() as u64),
            memory: None,
            memory_rate: 200e9,
        }
    }
}

/// The nodes of a cluster, its file system and its network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Machines {
    /// Workers, or tasks of a job array that run at once.
    pub workers: u64,
    /// Each worker; also the node of a run in one process.
    pub node: Node,
    /// Nodes that decompose kinships at the same time; more than one is useful with `--loco` or several groups of traits.
    pub eigen_workers: u64,
    /// Each of these nodes.
    pub eigen_node: Node,
    /// Bytes per second that the file system gives to all workers together.
    pub disk_rate: f64,
    /// Bytes per second between two nodes.
    pub network_rate: f64,
}

impl Default for Machines {
    /// One worker, 500 MB/s of disk and 10 Gbit/s of network.
    fn default() -> Self {
        Self {
            workers: 1,
            node: Node::default(),
            eigen_workers: 1,
            eigen_node: Node::default(),
            disk_rate: 500e6,
            network_rate: 1.25e9,
        }
    }
}

impl Machines {
    /// Bytes per second at which `readers` nodes together read files.
    pub(super) fn reading_rate(&self, readers: u64) -> f64 {
        self.disk_rate.min(self.network_rate * readers as f64)
    }
}
