//! GEMMA's files, each a [`Sink`](super::sink::Sink).

mod assoc_table;
mod eigen_files;
mod html_report;
mod kinship_file;
mod log_file;
mod long_table;
mod residual_files;
mod traits;

pub use assoc_table::AssocTable;
pub use eigen_files::EigenFiles;
pub use html_report::HtmlReport;
pub use kinship_file::KinshipFile;
pub use log_file::LogFile;
pub use long_table::LongTable;
pub use residual_files::ResidualFiles;
pub(super) use traits::check_names;
