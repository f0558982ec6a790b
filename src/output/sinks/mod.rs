//! GEMMA's files, each a [`Sink`](super::sink::Sink).

mod assoc_table;
mod eigen_files;
mod kinship_file;
mod log_file;
mod long_table;
mod residual_files;
mod stepwise_table;
mod traits;

pub use assoc_table::AssocTable;
pub use eigen_files::EigenFiles;
pub use kinship_file::KinshipFile;
pub use log_file::LogFile;
pub use long_table::LongTable;
pub use residual_files::ResidualFiles;
pub use stepwise_table::StepwiseTable;
pub(super) use traits::check_names;
