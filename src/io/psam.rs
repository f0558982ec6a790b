//! The `.psam` file of PLINK 2: the individuals of the genotypes.

use std::path::Path;

use super::fam::{Individual, check_unique_from};
use super::plink2_columns::{Columns, optional_position};
use super::sex::Sex;
use super::source::Source;
use super::suspect;
use super::text::{Lines, count, fields, quoted};
use crate::error::{Error, Result};

/// The individuals of a `.psam` in its order.
#[derive(Clone, Debug)]
pub struct Psam {
    individuals: Vec<Individual>,
    sexes: Vec<Sex>,
    has_sexes: bool,
}

impl Psam {
    /// The individuals in the order of the file, which is the order of the genotypes.
    pub fn individuals(&self) -> &[Individual] {
        &self.individuals
    }

    /// The sex of each individual; `None` if the file has no column of sexes.
    pub fn sexes(&self) -> Option<&[Sex]> {
        self.has_sexes.then_some(&*self.sexes)
    }
}

/// Family id of individuals without one, as in PLINK 2.
const NO_FID: &str = "0";

/// Reads the individuals of a `.psam`; columns of phenotypes are not parsed.
///
/// The header starts with `#FID IID` or `#IID` and follows lines of comments that start with `#`. Without a header, the
/// file is a `.fam`. Without the column FID, the family id is 0. Fails on a header with a column twice, a line with a
/// different number of columns from the header, the individual id 0, a duplicate individual (FID and IID), and an empty
/// file.
pub fn read_psam(path: &Path) -> Result<Psam> {
    let mut lines = Lines::of(Source::open_or_zstd(path)?)?;
    let mut psam = Psam {
        individuals: Vec::new(),
        sexes: Vec::new(),
        has_sexes: false,
    };
    let (mut form, mut first_line) = (None, 1);
    while let Some((line, text)) = lines.next_line()? {
        if form.is_none() && text.starts_with('#') {
            form = Form::of_header(path, line, text)?;
            continue;
        }
        if psam.individuals.is_empty() {
            first_line = line;
        }
        if form.is_none() {
            form = Some(Form::of_fam(path, line, text)?);
        }
        let form = form.as_ref().expect("set on the line above");
        psam.add(path, line, form.cells(path, line, text)?)?;
        let n = psam.individuals.len();
        // An endlessly repeating file must not fill the memory.
        if n >= 1 << 16 && n.is_power_of_two() {
            check_unique_from(path, &psam.individuals, first_line)?;
        }
    }
    if psam.individuals.is_empty() {
        return Err(Error::malformed(
            path,
            "the file lists no individuals",
            "give the .psam that belongs to the .pgen, with one line per individual",
        ));
    }
    check_unique_from(path, &psam.individuals, first_line)?;
    psam.has_sexes = form.is_some_and(|form| form.has_sex);
    Ok(psam)
}

impl Psam {
    fn add(&mut self, path: &Path, line: u64, [fid, iid, sex]: [&str; 3]) -> Result<()> {
        if iid == "0" {
            return Err(Error::malformed_line(
                path,
                line,
                "the individual id (IID) is 0, which PLINK reserves",
                "give each individual another id",
            ));
        }
        self.individuals.push(Individual {
            fid: fid.into(),
            iid: iid.into(),
        });
        self.sexes.push(Sex::of(sex));
        Ok(())
    }
}

/// The columns of a file.
struct Form {
    columns: Columns<3>,
    has_fid: bool,
    has_sex: bool,
}

impl Form {
    /// FID, IID and sex on a line.
    fn cells<'a>(&self, path: &Path, line: u64, text: &'a str) -> Result<[&'a str; 3]> {
        let [fid, iid, sex] = self.columns.cells(path, line, text)?;
        Ok([
            if self.has_fid { fid } else { NO_FID },
            iid,
            if self.has_sex { sex } else { "" },
        ])
    }

    /// The columns named in a header; `None` if the line is a comment.
    fn of_header(path: &Path, line: u64, text: &str) -> Result<Option<Self>> {
        let mut names: Vec<&str> = fields(text).collect();
        let is_header = matches!(names[0], "#FID" | "#IID");
        if !is_header {
            if text.starts_with("##") || !names.contains(&"IID") {
                return Ok(None);
            }
            return Err(Error::malformed_line(
                path,
                line,
                format!("the header starts with {}", quoted(names[0])),
                "start the header with #FID IID or #IID",
            ));
        }
        names[0] = &names[0][1..];
        for (i, name) in names.iter().enumerate() {
            if !names[..i].contains(name) {
                continue;
            }
            optional_position(path, line, &names, name)?;
        }
        let has_fid = names[0] == "FID";
        if has_fid && names.get(1) != Some(&"IID") || !has_fid && names.contains(&"FID") {
            return Err(Error::malformed_line(
                path,
                line,
                "FID must be the first column, and IID the column after it",
                "start the header with #FID IID or #IID",
            ));
        }
        let sex = names.iter().position(|name| *name == "SEX");
        // An absent column is read as the column IID, and its cell is not used.
        let iid = usize::from(has_fid);
        let wanted = [0, iid, sex.unwrap_or(iid)];
        let names_of = [
            if has_fid { "FID" } else { "IID" },
            "IID",
            if sex.is_some() { "SEX" } else { "IID" },
        ];
        Ok(Some(Self {
            columns: Columns::new(names_of, wanted, names.len(), false),
            has_fid,
            has_sex: sex.is_some(),
        }))
    }

    /// The columns of a `.fam`, with the number of columns of its first line.
    fn of_fam(path: &Path, line: u64, text: &str) -> Result<Self> {
        let n = fields(text).count();
        if n < 5 {
            return Err(Error::malformed_line(
                path,
                line,
                suspect::too_few(
                    format!(
                        "the line has {}, expected at least 5 in a file without a header",
                        count(n, "column")
                    ),
                    text,
                ),
                "start the file with a header, #FID IID or #IID, or write FID, IID, father, mother, sex and phenotypes",
            ));
        }
        Ok(Self {
            columns: Columns::new(["FID", "IID", "SEX"], [0, 1, 4], n, false),
            has_fid: true,
            has_sex: true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::testing::{assert_fails, file, gzip};
    use super::*;

    fn read(content: impl AsRef<[u8]>) -> Result<Psam> {
        read_psam(file(content).path())
    }

    fn texts(psam: &Psam) -> Vec<String> {
        let sexes = psam.sexes();
        let sex = |row: usize| sexes.map_or("-".into(), |sexes| format!("{:?}", sexes[row]));
        let all = psam.individuals().iter().enumerate();
        all.map(|(row, individual)| format!("{individual} {}", sex(row)))
            .collect()
    }

    #[test]
    fn individuals_are_named_by_fid_and_iid() {
        for (content, expected) in [
            (
                "##about\n# more\n#FID\tIID\tSEX\tBMI\nf\ta\t1\t2.5\n0\tb\tF\tNA\nf\tc\tNA\t1\n",
                ["f a Male", "0 b Female", "f c Unknown"],
            ),
            (
                "#IID SID BMI\na 1 2\nb 1 3\nc 1 4\n",
                ["0 a -", "0 b -", "0 c -"],
            ),
            (
                "f a 0 0 m\nf b 0 0 2\nf c 0 0 0\n",
                ["f a Male", "f b Female", "f c Unknown"],
            ),
        ] {
            assert_eq!(texts(&read(content).unwrap()), expected);
            assert_eq!(
                texts(&read(content.replace('\n', "\r\n")).unwrap()),
                expected
            );
            assert_eq!(texts(&read(gzip(content)).unwrap()), expected);
        }
        // The empty cell of a phenotype between tabs does not shift the others.
        let psam = read("#IID\tBMI\tSEX\na\t\t2\nb\t1\t1\n").unwrap();
        assert_eq!(texts(&psam), ["0 a Female", "0 b Male"]);
    }

    #[test]
    fn damaged_files_are_errors_with_a_line() {
        for (content, parts) in [
            (
                "#SEX IID P\n1 a 2\n",
                &[":1: ", "header starts with \"#SEX\"", "#FID IID or #IID"][..],
            ),
            ("#IID FID\na f\n", &[":1: ", "FID must be the first"]),
            ("#FID SEX IID\nf 1 a\n", &[":1: ", "IID the column after"]),
            ("#IID P P\na 1 2\n", &[":1: ", "P twice", "2 and 3"]),
            ("#IID SEX\na 1\nb\n", &[":3: ", "1 column, expected 2"]),
            ("#IID SEX\na 1\nb b 1\n", &[":3: ", "3 columns, expected 2"]),
            ("#IID SEX\n0 1\n", &[":2: ", "(IID) is 0"]),
            (
                "# c\n#FID IID\nf a\ng a\nf a\n",
                &[":5: ", "duplicate individual f a, first on line 3"],
            ),
            ("f a 0 0\n", &[":1: ", "4 columns", "without a header"]),
            ("#IID\tSEX\na b\t1\n", &[":2: ", "IID", "space"]),
            ("#IID SEX\n", &["lists no individuals"]),
            ("", &["lists no individuals"]),
        ] {
            assert_fails(read(content), parts);
        }
    }
}
