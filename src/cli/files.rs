//! The output files that a command line names.

use super::args::Args;
use super::options::explanation;
use crate::error::{Error, Result};
use crate::output::files::OutputFiles;
use crate::output::matrix::MatrixFormat;
use crate::output::table_format::TableFormat;
use crate::output::text::Packing;

/// The paths and formats of the output files.
pub(super) fn files(args: &Args) -> Result<OutputFiles> {
    let prefix = args.prefix.as_deref().unwrap_or("result");
    if prefix.is_empty() || prefix.ends_with('/') {
        return Err(Error::option(
            "-o",
            "the prefix of the output files is empty",
            "give a name: -o NAME",
        ));
    }
    Ok(OutputFiles {
        directory: args.outdir.clone().unwrap_or_else(|| "output".into()),
        prefix: prefix.to_owned(),
        matrices: match args.format.unwrap_or_default() {
            MatrixFormat::Text if args.gz => MatrixFormat::Gzip,
            format => format,
        },
        tables: if args.gz {
            Packing::Gzip
        } else {
            Packing::Plain
        },
        is_long: args.long,
        formats: table_formats(args)?,
        columns: args.columns.unwrap_or_default(),
        has_report: args.report,
    })
}

/// The formats of tables, in their order, each once.
fn table_formats(args: &Args) -> Result<Vec<TableFormat>> {
    let mut chosen = Vec::new();
    for name in &args.output_formats {
        chosen.push(TableFormat::of_name(name).ok_or_else(|| {
            Error::option(
                "--output-format",
                format!("there is no format {name:?}"),
                explanation("output-format"),
            )
        })?);
    }
    if chosen.is_empty() {
        chosen.push(TableFormat::Gemma);
    }
    let all = TableFormat::ALL.into_iter();
    Ok(all.filter(|format| chosen.contains(format)).collect())
}
