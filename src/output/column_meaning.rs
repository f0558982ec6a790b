//! What the columns of tables are, for the reference of columns.

use super::cell::{Cell, Kind, Quantity};
use super::column_set::ColumnSet;
use super::sink::Products;

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnMeaning {
    /// The name in the header.
    pub name: String,
    /// What it is.
    pub meaning: String,
    /// The type of its values: `text`, `integer` or `number`.
    pub kind: &'static str,
}

impl ColumnSet {
    /// What the columns of this set are in a run.
    ///
    /// # Panics
    /// If the run does not have what the columns need.
    #[must_use]
    pub fn meanings(self, products: &Products) -> Vec<ColumnMeaning> {
        let columns = self.columns(products, "").into_iter();
        let meanings = columns.map(|(name, cell)| ColumnMeaning {
            name,
            meaning: meaning(&cell, products),
            kind: match cell.kind() {
                Kind::Text => "text",
                Kind::Integer => "integer",
                Kind::Number => "number",
            },
        });
        meanings.collect()
    }
}

fn meaning(cell: &Cell, products: &Products) -> String {
    let statistic = |index: usize| {
        let statistics = products.columns.as_deref().unwrap_or_default();
        let column = &statistics[index];
        format!("{}: {}", column.name, column.meaning)
    };
    let text = match cell {
        Cell::Snp(column) => column.meaning(),
        Cell::Number(quantity, _) => match quantity {
            Quantity::Af => "frequency of the counted allele",
            Quantity::Info => "imputation quality, MaCH's r²; with --with-info",
            Quantity::Statistic(index) => return statistic(*index),
            Quantity::T(_) => "beta / se",
            Quantity::ChiSquare(_) => "(beta / se)²",
            Quantity::Lower(_) => "lower end of the confidence interval of 95 %: beta - 1.96 se",
            Quantity::Upper(_) => "upper end of the confidence interval of 95 %: beta + 1.96 se",
        },
        Cell::P { p, .. } => return statistic(*p),
        Cell::Status => "status of the row; with --all-snps",
        Cell::Problem(none) => {
            return format!("status of the row with --all-snps, {none} if it is ok");
        }
        Cell::Constant(text) => return format!("always {text}"),
        Cell::SsfChromosome => "chromosome: 1 to 22, X 23, Y 24, MT 25",
        Cell::Rsid => "id of the SNP if it is one of dbSNP",
        Cell::Carriers(0) => "analysed individuals with no copy of the counted allele",
        Cell::Carriers(1) => "analysed individuals with one copy",
        Cell::Carriers(_) => "analysed individuals with two copies",
        Cell::HtpInfo { .. } => {
            "further values: standard error (REGENIE_SE), -log10 p (LOG10P), minor allele count (MAC)"
        }
    };
    text.to_owned()
}
