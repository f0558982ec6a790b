//! Tables that PLINK itself has written.

use super::{Bench, data, tried, verdict};
use std::process::Command;

/// Runs a program on the bundled study `plain`, in which no genotype is missing; whether it is installed.
fn has_run(bench: &Bench, program: &str, words: &str) -> bool {
    let mut command = Command::new(program);
    command.current_dir(bench.path());
    command.arg("--bfile").arg(data("plain"));
    let Ok(done) = command.args(words.split_whitespace()).output() else {
        println!("skipped: {program} is not installed");
        return false;
    };
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    true
}

#[test]
fn plinks_own_linear_models_are_equal_to_ours() {
    let bench = Bench::empty();
    let plain = data("plain");
    bench.run(&format!(
        "lm -bfile {} -lm 1 -maf 0 -r2 1 -miss 1 -o d",
        plain.display()
    ));
    if has_run(
        &bench,
        "plink2",
        "--glm allow-no-covars --allow-extra-chr --out p",
    ) {
        let run = tried(
            &bench,
            "compare output/d p.PHENO1.glm.linear --tolerance 1e-4",
        );
        assert!(
            run.stdout.contains("columns of PLINK 2"),
            "{}{}",
            run.stdout,
            run.stderr
        );
        for column in ["beta", "se", "p_wald"] {
            assert!(verdict(&run, column).ends_with("equal"), "{}", run.stdout);
        }
    }
    if !has_run(
        &bench,
        "plink1.9",
        "--linear --ci 0.95 --allow-no-sex --allow-extra-chr --out l",
    ) {
        return;
    }
    has_run(
        &bench,
        "plink1.9",
        "--assoc --allow-no-sex --allow-extra-chr --out q",
    );
    for file in ["l.assoc.linear", "q.qassoc"] {
        for by in ["id", "position"] {
            let run = tried(
                &bench,
                &format!("compare output/d {file} --by {by} --tolerance 2e-3"),
            );
            assert!(
                run.stdout.contains("columns of PLINK 1.9"),
                "{}{}",
                run.stdout,
                run.stderr
            );
            for column in ["beta", "se", "p_wald", "n"] {
                // PLINK's effect is that of the rarer allele, which its table does not name.
                let is_of_unknown_allele = file == "q.qassoc" && column == "beta";
                assert!(
                    is_of_unknown_allele || verdict(&run, column).ends_with("equal"),
                    "{file}: {}",
                    run.stdout
                );
            }
        }
    }
}
