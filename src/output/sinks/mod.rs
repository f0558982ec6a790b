//! The files of a run, each a [`Sink`](super::sink::Sink).

mod assoc_table;
mod eigen_files;
mod format_tables;
mod html_report;
mod kinship_file;
mod log_file;
mod long_table;
mod residual_files;
mod run_record;
mod stepwise_table;
mod traits;

pub use assoc_table::AssocTable;
pub use eigen_files::EigenFiles;
pub use format_tables::FormatTables;
pub use html_report::HtmlReport;
pub use kinship_file::KinshipFile;
pub use log_file::LogFile;
pub use long_table::LongTable;
pub use residual_files::ResidualFiles;
pub use run_record::RunRecord;
pub use stepwise_table::{STEPWISE_COLUMNS, StepwiseTable};
pub(super) use traits::check_names;
