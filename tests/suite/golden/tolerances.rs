//! The tolerances in `reference/tolerances.tsv`, the only file that defines them.

use crate::common::root;

/// How closely jamma must agree with GEMMA. `read` assigns a row of the table to each field.
#[derive(Debug, Clone, Copy)]
pub struct Tolerances {
    pub fraction_of_equal_cells: f64,
    pub smallest_plain_lambda: f64,
    pub largest_plain_lambda: f64,
    pub plain_lambda: f64,
    pub large_lambda: f64,
    pub small_lambda: f64,
    /// For the one SNP of the reference whose search stops a step earlier in GEMMA ([`is_borderline_stop`]).
    pub borderline_stop: f64,
    pub logl: f64,
    pub beta_at_lambda_max: f64,
    pub beta: f64,
    pub se: f64,
    pub p_wald: f64,
    pub p_lrt: f64,
    pub p_score: f64,
    pub kinship_units: u32,
    pub eigenvalue: f64,
    pub eigenvector: f64,
    pub residual: f64,
    pub se_pve_at_small_lambda: f64,
    pub se_pve_at_lambda_min: f64,
    pub null_beta_units: u32,
    /// For a beta of the null model that is 0 in exact arithmetic, as a fraction of its se.
    pub zero_null_beta: f64,
}

/// Rows of the table that have not been taken yet.
struct Rows(Vec<[String; 5]>);

impl Rows {
    /// Removes the only row with this column and place, and returns its tolerance; every row must be taken once.
    fn take(&mut self, column: &str, place: &str, kind: &str) -> String {
        let at = self
            .0
            .iter()
            .position(|row| row[0] == column && row[1] == place);
        let row = self
            .0
            .remove(at.unwrap_or_else(|| panic!("tolerances.tsv has no row {column} / {place}")));
        assert_eq!(row[2], kind, "{column} / {place}");
        row[3].clone()
    }

    fn number(&mut self, column: &str, place: &str, kind: &str) -> f64 {
        self.take(column, place, kind).parse().expect("a number")
    }

    fn units(&mut self, column: &str, place: &str) -> u32 {
        self.take(column, place, "units").parse().expect("a count")
    }

    /// The same number under two columns.
    fn both(&mut self, columns: [&str; 2], place: &str) -> f64 {
        let [a, b] = columns.map(|c| self.number(c, &place.replace('@', c), "relative"));
        assert_eq!(a, b);
        a
    }

    fn equal_text(&mut self, column: &str, place: &str) {
        assert_eq!(self.take(column, place, "text"), "equal");
    }
}

impl Tolerances {
    /// Reads the table; fails if it has a row that no test applies.
    pub fn read() -> Self {
        let text =
            std::fs::read_to_string(root().join("reference/tolerances.tsv")).expect("the table");
        let rows = text.lines().skip(1).map(|line| {
            let cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
            cells
                .try_into()
                .unwrap_or_else(|_| panic!("five cells: {line}"))
        });
        let mut rows = Rows(rows.collect());
        rows.equal_text("chr,rs,ps,n_miss,allele1,allele0,af", "every row");
        rows.equal_text("l_remle", "l_remle = lmin or lmax");
        rows.equal_text("l_mle", "l_mle = lmin or lmax");
        rows.equal_text("log", "every other number of the null model");
        for place in [
            "K = I (identity_lmm1, identity_lmm4)",
            "GEMMA prints nan because its optimiser failed",
        ] {
            assert_eq!(rows.take("any", place, "none"), "not compared");
        }
        let fraction = rows.take(
            "all",
            "every l_remle and l_mle in the row >= 0.05 and < lmax",
            "text",
        );
        let fraction = fraction
            .strip_suffix("% equal")
            .expect("a percentage")
            .parse::<f64>()
            .expect("a number");
        let lambdas = ["l_remle", "l_mle"];
        let tolerances = Self {
            fraction_of_equal_cells: fraction / 100.0,
            smallest_plain_lambda: 0.05,
            largest_plain_lambda: 1000.0,
            plain_lambda: rows.both(lambdas, "0.05 <= @ <= 1000"),
            large_lambda: rows.both(lambdas, "1000 < @ < lmax"),
            small_lambda: rows.both(lambdas, "@ < 0.05"),
            borderline_stop: rows.number(
                "l_remle",
                "rs2401 of missing, n4_lmm1 and n4_lmm4 (998.157)",
                "relative",
            ),
            logl: rows.number("logl_H1", "every row", "relative"),
            beta_at_lambda_max: rows.number(
                "beta",
                "l_remle (mode 3, 9: null l_mle) = lmax",
                "relative",
            ),
            beta: rows.number("beta", "elsewhere", "relative"),
            se: rows.number("se", "every row", "relative"),
            p_wald: rows.number("p_wald", "every row", "relative"),
            p_lrt: rows.number("p_lrt", "every row", "relative"),
            p_score: rows.number("p_score", "every row", "relative"),
            kinship_units: rows.units("cXX,sXX", "every entry"),
            eigenvalue: rows.number("eigenD", "every value", "relative"),
            eigenvector: rows.number("eigenU", "K U = U D", "absolute"),
            residual: rows.number("residU,residE", "every value", "absolute"),
            se_pve_at_small_lambda: rows.number(
                "log",
                "se(pve) if the null l_remle < 0.05",
                "relative",
            ),
            se_pve_at_lambda_min: rows.number(
                "log",
                "se(pve) if the null l_remle = lmin",
                "relative",
            ),
            null_beta_units: rows.units("log", "beta of the null model"),
            zero_null_beta: rows.number(
                "log",
                "beta of the null model that is 0 in exact arithmetic",
                "of its se",
            ),
        };
        assert!(
            rows.0.is_empty(),
            "rows of tolerances.tsv that no test applies: {:?}",
            rows.0
        );
        tolerances
    }
}

/// Whether `rs` in the table `title` is the SNP for which rounding decides when GEMMA's search stops.
pub fn is_borderline_stop(title: &str, rs: &str) -> bool {
    title.starts_with("missing/n4_lmm") && rs == "rs2401"
}
