//! Tables on the terminal: aligned columns, and colours where they are wanted.

use crate::cli::terminal::{Style, styled};
use crate::error::escaped;
use crate::io::results::ResultTable;
use crate::io::text::count;

/// A cell.
pub(super) struct Cell(pub(super) String, pub(super) Style);

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self(text, Style::Plain)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self(text.to_owned(), Style::Plain)
    }
}

/// The rows as lines with aligned columns: texts left, numbers right.
///
/// * `is_text`: for each column, whether it is aligned left
pub(super) fn lines(rows: &[Vec<Cell>], is_text: &[bool], has_colours: bool) -> Vec<String> {
    let shown: Vec<Vec<String>> = (rows.iter())
        .map(|row| row.iter().map(|cell| escaped(&cell.0)).collect())
        .collect();
    let width = |column: usize| {
        let cells = shown.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..is_text.len()).map(width).collect();
    let line = |(row, texts): (&Vec<Cell>, &Vec<String>)| {
        let cells = row.iter().zip(texts).zip(widths.iter().zip(is_text));
        let cells = cells.map(|((cell, text), (&width, &is_text))| {
            let blanks = " ".repeat(width - text.chars().count());
            let text = styled(text, cell.1, has_colours);
            if is_text {
                text + &blanks
            } else {
                blanks + &text
            }
        });
        let line: Vec<String> = cells.collect();
        line.join("  ").trim_end().to_owned()
    };
    rows.iter().zip(&shown).map(line).collect()
}

/// The rows of a table that were left out, after a comma.
pub(super) fn left_out(table: &ResultTable) -> String {
    match table.n_of_other_tests {
        0 => String::new(),
        n => format!(
            ", {} of other tests left out (column TEST)",
            count(n, "row")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_colours_do_not_count() {
        let row = |a: &str, b: &str| vec![Cell(a.to_owned(), Style::Bold), b.into()];
        let rows = [row("rs", "p"), row("rs1234", "1e-5"), row("é", "0.5")];
        let plain = lines(&rows, &[true, false], false);
        assert_eq!(plain, ["rs         p", "rs1234  1e-5", "é        0.5"]);
        let coloured = lines(&rows, &[true, false], true);
        assert_eq!(coloured[0], "\u{1b}[1mrs\u{1b}[0m         p");
    }
}
