//! Memory of parts and merges: what does not fit is refused before it is computed.

use super::{Random, parts};
use crate::properties::Bench;
use crate::simulate::Study;

const N: usize = 1500;
const P: usize = 4096;

/// A study with missing calls on 16 chromosomes.
fn bench() -> Bench {
    let bench = Bench::new(&Study::simulate(5, N, P));
    let bim = (0..P).map(|j| {
        let chromosome = 1 + j * 16 / P;
        format!("{chromosome}\trs{j}\t0\t{}\tA\tC\n", 100 * (j + 1))
    });
    bench.write("s.bim", bim.collect::<String>());
    bench
}

#[test]
fn parts_and_merges_that_do_not_fit_are_refused() {
    let bench = bench();
    let mut random = Random::new(6);
    // A sum of missing calls has 36 MB. The parts have one and four; merging has one for each chromosome, and another.
    let refused = |words: &str| {
        let message = bench.rejected(words);
        assert!(message.contains("for the kinship"), "{words}: {message}");
        assert!(message.contains("--memory"), "{words}: {message}");
    };
    refused("gk -bfile s --loco --part 1/1 --memory 0.6 -o a");
    refused("gk -bfile s --part 1/1 --memory 0.05 -o a");
    let all = parts(
        &bench,
        "gk -bfile s --loco --memory 0.6",
        "k",
        4,
        &mut random,
    );
    refused(&format!("gk --merge {all} --memory 0.6"));
    bench.run(&format!("gk --merge {all} --memory 1.2"));
    let all = parts(&bench, "gk -bfile s --memory 0.2", "w", 2, &mut random);
    bench.run(&format!("gk --merge {all} --memory 0.25"));
    refused(&format!("gk --merge {all} --memory 0.11"));
    bench.run("gk -bfile s -o one");
    assert_eq!(bench.bytes("w.cXX.txt"), bench.bytes("one.cXX.txt"));
}
