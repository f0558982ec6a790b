"""run_lmm and its parts: files and arrays, ids, outputs, blocks, wrong arguments."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import jamma
from conftest import DATA, REFERENCE, Study, needs_jax, read_study
from jamma.cli import main

TEXTS = ("chr", "rs", "allele1", "allele0")


def assert_same(a: jamma.AssocTable, b: jamma.AssocTable, but: tuple[str, ...] = ()) -> None:
    """The same numbers to the bit."""
    assert a.columns == b.columns
    for name in a.columns:
        if name not in but:
            assert np.array_equal(a[name], b[name], equal_nan=name not in TEXTS), name


def test_the_files_are_those_of_the_command(tmp_path: Path) -> None:
    bfile = str(DATA / "missing")
    result = jamma.run_lmm(bfile, tests="all", maf=0.02, out=tmp_path / "api")
    words = ["lmm", "-bfile", bfile, "-lmm", "4", "-maf", "0.02", "-outdir", str(tmp_path), "-o", "cli", "-silence"]
    assert main(words) == 0
    written = [(tmp_path / f"{name}.assoc.txt").read_bytes() for name in ("api", "cli")]
    assert written[0] == written[1]
    assert [path.name for path in result.outputs] == ["api.assoc.txt", "api.run.json", "api.log.txt"]
    assert (tmp_path / "api.log.txt").read_text() == result.report.log
    # The table in memory is the one that was written.
    table = jamma.read_assoc(tmp_path / "api.assoc.txt")
    assert table.columns == result.columns
    for name in ("beta", "se", "l_remle", "p_wald", "p_score"):
        assert result[name] == pytest.approx(table[name].to_numpy(), rel=5.1e-7)


def test_nothing_is_written_without_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = jamma.run_lmm(DATA / "demo")
    assert result.outputs == []
    assert list(tmp_path.iterdir()) == []


def test_hard_calls_in_memory_give_the_bits_of_the_files(study: Study, backend: str) -> None:
    of_files = jamma.run_lmm(study.bfile, tests="all", backend=backend)
    bim = pl.DataFrame(study.bim)
    in_memory = jamma.run_lmm(
        genotypes=study.genotypes, phenotype=study.phenotype, bim=bim, tests="all", backend=backend
    )
    assert_same(of_files, in_memory)
    assert in_memory.ledger == of_files.ledger
    assert in_memory.null.pve == of_files.null.pve


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int8, np.int64])
@pytest.mark.parametrize("order", ["C", "F"])
def test_genotypes_may_have_any_type_and_layout(dtype: Any, order: Any) -> None:
    study = read_study("plain")
    x = np.where(np.isnan(study.genotypes), 0, study.genotypes)
    expected = jamma.run_lmm(genotypes=x, phenotype=study.phenotype)
    other = jamma.run_lmm(genotypes=np.asarray(x, dtype=dtype, order=order), phenotype=study.phenotype.tolist())
    assert_same(expected, other)


def test_dosages_agree_with_hard_calls_if_they_are_equal(study: Study, backend: str) -> None:
    # One SNP that is not a hard call turns all of them into dosages.
    soft = np.column_stack([study.genotypes, np.linspace(0, 2, len(study.genotypes))])
    hard = jamma.run_lmm(genotypes=study.genotypes, phenotype=study.phenotype, tests="all", backend="rust")
    both = jamma.run_lmm(
        genotypes=soft,
        phenotype=study.phenotype,
        tests="all",
        backend=backend,
        snps=(listed := [f"snp{s + 1}" for s in range(480)]),
        kinship_snps=listed,
    )
    assert both["rs"].tolist() == hard["rs"].tolist()
    for name in ("n_miss", "af"):
        assert both[name] == pytest.approx(hard[name], rel=1e-14)
    for name in ("beta", "se", "p_wald", "p_lrt", "p_score"):
        assert both[name] == pytest.approx(hard[name], rel=1e-6, abs=1e-6 if name == "beta" else 0), name


def test_dosages_are_fitted_as_in_the_dense_model() -> None:
    rng = np.random.default_rng(5)
    n, p = 80, 30
    x = rng.uniform(0, 2, size=(n, p))
    z = rng.normal(size=(n, 200))
    k = z @ z.T / 200
    y = x[:, 3] + rng.multivariate_normal(np.zeros(n), k + np.eye(n))
    result = jamma.run_lmm(genotypes=x, phenotype=y, kinship=k, maf=0)
    s = 3
    centred = np.eye(n) - 1 / n
    v = result["l_remle"][s] * centred @ k @ centred + np.eye(n)
    design = np.column_stack([np.ones(n), x[:, s]])
    inverse = np.linalg.inv(design.T @ np.linalg.solve(v, design))
    beta = inverse @ design.T @ np.linalg.solve(v, y)
    residual = y - design @ beta
    se = np.sqrt(inverse[1, 1] * residual @ np.linalg.solve(v, residual) / (n - 2))
    assert result["beta"][s] == pytest.approx(beta[1], rel=1e-9)
    assert result["se"][s] == pytest.approx(se, rel=1e-9)
    assert result["af"][s] == pytest.approx(x[:, s].mean() / 2, rel=1e-14)


def test_arrays_replace_columns_of_files(study: Study, tmp_path: Path) -> None:
    covariates = np.random.default_rng(3).normal(size=(len(study.phenotype), 2))
    covariates[4, 1] = np.nan
    file = tmp_path / "covariates.txt"
    file.write_text(
        "".join(" ".join("NA" if np.isnan(x) else repr(float(x)) for x in row) + "\n" for row in covariates)
    )
    of_files = jamma.run_lmm(study.bfile, phenotype=2, covariates=file)
    second = read_study("missing", 2).phenotype
    assert_same(of_files, jamma.run_lmm(study.bfile, phenotype=second, covariates=covariates))
    frame = pl.DataFrame({"a": covariates[:, 0], "b": covariates[:, 1]}).fill_nan(None)
    assert_same(of_files, jamma.run_lmm(study.bfile, phenotype=pl.Series(second), covariates=frame))
    assert of_files.report.n_covariates == 3


def test_a_kinship_in_memory_is_the_kinship_of_the_run(study: Study) -> None:
    k = jamma.kinship(study.bfile)
    expected = jamma.run_lmm(study.bfile, tests="all")
    assert_same(expected, jamma.run_lmm(study.bfile, kinship=k, tests="all"))
    assert_same(expected, jamma.run_lmm(study.bfile, kinship=np.asfortranarray(k), tests="all"))
    # Entries of individuals without a phenotype are not used.
    k[np.isnan(study.phenotype)] = np.nan
    k[:, np.isnan(study.phenotype)] = np.nan
    assert_same(expected, jamma.run_lmm(study.bfile, kinship=k, tests="all"))


def test_rows_are_matched_by_their_ids(study: Study) -> None:
    iids = [iid for _, iid in study.individuals]
    k = jamma.kinship(study.bfile)
    covariate = np.random.default_rng(4).normal(size=len(iids))
    expected = jamma.run_lmm(study.bfile, covariates=covariate, kinship=k)
    shuffled = np.random.default_rng(5).permutation(len(iids))
    of_shuffled = [iids[i] for i in shuffled]
    phenotype = pd.Series(study.phenotype[shuffled], index=of_shuffled)
    covariates = pl.DataFrame({"iid": of_shuffled, "age": covariate[shuffled]})
    kinship = pd.DataFrame(k[np.ix_(shuffled, shuffled)], index=of_shuffled, columns=of_shuffled)
    assert_same(expected, jamma.run_lmm(study.bfile, phenotype=phenotype, covariates=covariates, kinship=kinship))
    genotypes = pd.DataFrame(study.genotypes, index=iids, columns=study.rs)
    in_memory = jamma.run_lmm(genotypes=genotypes, phenotype=phenotype, covariates=covariates, kinship=kinship)
    assert_same(expected, in_memory, but=("chr", "ps", "allele1", "allele0"))
    # Families are matched too if both sides have them; an individual without a row has no phenotype.
    with_families = pl.DataFrame(
        {
            "FID": [fid for fid, _ in study.individuals[:100]],
            "IID": iids[:100],
            "y": study.phenotype[:100],
        }
    )
    fewer = jamma.run_lmm(study.bfile, phenotype=with_families)
    assert fewer.ledger["individuals"]["analysed"] == int((~np.isnan(study.phenotype[:100])).sum())


def test_ids_that_do_not_match_are_errors(study: Study) -> None:
    iids = [iid for _, iid in study.individuals]
    unknown = pd.Series(study.phenotype, index=[f"x{iid}" for iid in iids])
    with pytest.raises(ValueError, match="phenotype: none of its ids is in the study"):
        jamma.run_lmm(study.bfile, phenotype=unknown)
    twice = pl.DataFrame({"iid": [iids[0], *iids[:-1]], "y": study.phenotype})
    with pytest.raises(ValueError, match=f"individual {iids[0]} has two rows"):
        jamma.run_lmm(study.bfile, phenotype=twice)
    k = pd.DataFrame(np.eye(len(iids) - 1), index=iids[1:], columns=iids[1:])
    with pytest.raises(ValueError, match=f"kinship: individual .*{iids[0]} has no row"):
        jamma.run_lmm(study.bfile, kinship=k)


def test_rows_of_unknown_individuals_are_counted_in_a_note(study: Study) -> None:
    iids = [iid for _, iid in study.individuals]
    more = pl.DataFrame({"iid": ["nobody", *iids], "y": [7.0, *study.phenotype]})
    result = jamma.run_lmm(study.bfile, phenotype=more)
    assert f"phenotype: 1 of {len(iids) + 1} rows are of unknown individuals and are ignored" in result.notes
    assert_same(jamma.run_lmm(study.bfile, phenotype=study.phenotype), result)


def test_an_index_of_numbers_without_a_name_is_not_guessed_about(study: Study) -> None:
    selected = pd.Series(study.phenotype)[::-1]
    with pytest.raises(ValueError, match=r"phenotype: the index has numbers and has no name.*reset_index"):
        jamma.run_lmm(study.bfile, phenotype=selected)
    in_order = selected[::-1].reset_index(drop=True)
    assert_same(jamma.run_lmm(study.bfile, phenotype=study.phenotype), jamma.run_lmm(study.bfile, phenotype=in_order))


def test_blocks_are_the_rows_of_the_whole() -> None:
    whole = jamma.run_lmm(DATA / "missing", tests="all")
    blocks = list(jamma.iter_lmm(DATA / "missing", tests="all", block_snps=37))
    assert len(blocks) > 10
    for name in whole.columns:
        joined = np.concatenate([block[name] for block in blocks])
        assert np.array_equal(joined, whole[name], equal_nan=name not in TEXTS), name


def test_blocks_may_be_closed_early(tmp_path: Path) -> None:
    blocks = jamma.iter_lmm(DATA / "missing", block_snps=10, out=tmp_path / "x")
    first = next(blocks)
    assert 0 < len(first) <= 10
    blocks.close()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(TypeError, match="unexpected keyword argument 'nonsense'"):
        jamma.iter_lmm(DATA / "missing", nonsense=1)  # type: ignore[call-arg]


def test_lists_of_snps_are_paths_or_ids(tmp_path: Path) -> None:
    ids = read_study("missing").rs[10:200:3]
    file = tmp_path / "snps.txt"
    file.write_text("\n".join(ids) + "\n")
    assert_same(
        jamma.run_lmm(DATA / "missing", snps=ids, kinship_snps=file),
        jamma.run_lmm(DATA / "missing", snps=file, kinship_snps=set(ids)),
    )
    with pytest.raises(ValueError, match="snps: none of the 2 listed SNPs"):
        jamma.run_lmm(DATA / "missing", snps=["no", "such"])


def test_a_list_of_snps_to_test_does_not_narrow_the_kinship(backend: str) -> None:
    everything = jamma.run_lmm(DATA / "missing", tests="all", backend=backend)
    k = int(np.argmin(everything["p_wald"]))
    rs = everything["rs"].tolist()
    one = jamma.run_lmm(DATA / "missing", tests="all", snps=[rs[k]], backend=backend)
    (block,) = jamma.iter_lmm(DATA / "missing", tests="all", snps=[rs[k]], backend=backend)
    for found in (one, block):
        assert found["rs"].tolist() == [rs[k]]
        for name in ("se", "p_wald", "p_lrt", "p_score"):
            assert found[name][0] == pytest.approx(everything[name][k], rel=1e-9), name
    assert one.report.kinship_snps is not None
    assert one.report.kinship_snps["kept"] == len(everything)
    narrow = jamma.run_lmm(DATA / "missing", tests="all", snps=[rs[k]], kinship_snps=rs[:50], backend=backend)
    assert narrow.report.kinship_snps is not None
    assert narrow.report.kinship_snps["kept"] == 50


def test_a_result_may_have_no_rows(tmp_path: Path, backend: str) -> None:
    kinship = jamma.kinship(DATA / "missing")
    options: dict[str, Any] = {"kinship": kinship, "maf": 0.5, "hwe": 1.0, "tests": "all", "backend": backend}
    empty = jamma.run_lmm(DATA / "missing", out=tmp_path / "x", **options)
    assert len(empty) == 0
    assert empty.columns == jamma.run_lmm(DATA / "missing", tests="all").columns
    assert empty.to_polars().shape == (0, len(empty.columns))
    assert empty.to_pandas().shape == (0, len(empty.columns))
    assert any(note.startswith("no SNP is left to test") for note in empty.notes)
    assert "0 of 480 SNPs tested" in repr(empty)
    assert (tmp_path / "x.assoc.txt").read_text().split("\t")[0] == "chr"
    assert list(jamma.iter_lmm(DATA / "missing", **options)) == []
    with pytest.raises(ValueError, match="no SNP is left for the kinship"):
        jamma.run_lmm(DATA / "missing", maf=0.5, hwe=1.0)


@pytest.mark.parametrize("name", ["x.bgen", "x.vcf.gz", "x.pgen", "x."])
def test_other_files_than_a_prefix_are_named(name: str, tmp_path: Path) -> None:
    for call in (jamma.run_lmm, jamma.kinship):
        with pytest.raises(ValueError, match=r"bfile: .* is a") as raised:
            call(tmp_path / name)
        assert any("bfile" in note for note in raised.value.__notes__)


def test_a_column_and_a_file_of_phenotypes() -> None:
    of_file = jamma.run_lmm(DATA / "missing", phenotype=(DATA / "missing.pheno.txt", 2))
    assert len(of_file) > 100
    with pytest.raises(ValueError, match="phenotype 40 does not exist"):
        jamma.run_lmm(DATA / "missing", phenotype=40)


def test_kinships_are_written_and_read(tmp_path: Path, study: Study) -> None:
    k = jamma.kinship(study.bfile, out=tmp_path / "k")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["k.cXX.id", "k.cXX.txt", "k.log.txt", "k.run.json"]
    assert jamma.read_kinship(tmp_path / "k.cXX.txt") == pytest.approx(k, rel=1e-9, abs=1e-12)
    for name in ("own.npy", "own.cXX.npy"):
        jamma.write_kinship(tmp_path / name, k, individuals=study.individuals)
        assert np.array_equal(jamma.read_kinship(tmp_path / name), k)
    for name in ("own.txt", "own.txt.gz"):
        jamma.write_kinship(tmp_path / name, k)
        assert jamma.read_kinship(tmp_path / name) == pytest.approx(k, rel=1e-9, abs=1e-12)
    # A matrix in another order is put in that of the .fam by its ids.
    order = np.random.default_rng(1).permutation(len(k))
    jamma.write_kinship(
        tmp_path / "other.npy", k[np.ix_(order, order)], individuals=[study.individuals[i] for i in order]
    )
    assert np.array_equal(jamma.read_kinship(tmp_path / "other.npy", bfile=study.bfile), k)
    assert_same(jamma.run_lmm(study.bfile, kinship=tmp_path / "other.npy"), jamma.run_lmm(study.bfile, kinship=k))
    with pytest.raises(ValueError, match="2 individuals are given for"):
        jamma.write_kinship(tmp_path / "x.npy", k, individuals=["a", "b"])


def test_kinships_of_other_programs_are_read_with_their_ids(tmp_path: Path, study: Study) -> None:
    k = np.asarray(jamma.kinship(study.bfile))
    order = np.random.default_rng(3).permutation(len(k))
    mixed = k[np.ix_(order, order)]
    ids = [study.individuals[i] for i in order]
    table = "".join(f"{fid}\t{iid}\n" for fid, iid in ids)
    triangle = mixed[np.tril_indices(len(k))]
    mixed.tofile(tmp_path / "a.rel.bin")
    (tmp_path / "a.rel.id").write_text(table)
    triangle.astype("<f4").tofile(tmp_path / "b.grm.bin")
    (tmp_path / "b.grm.id").write_text(table)
    for name, tolerance in (("a.rel.bin", 0), ("b.grm.bin", 1e-6), ("b.grm", 1e-6)):
        found = jamma.read_kinship(tmp_path / name)
        assert found == pytest.approx(mixed, rel=tolerance, abs=tolerance)
        assert found.individuals == ids  # type: ignore[attr-defined]
        assert jamma.read_kinship(tmp_path / name, bfile=study.bfile) == pytest.approx(k, rel=tolerance, abs=tolerance)
    assert_same(
        jamma.run_lmm(study.bfile, kinship=jamma.read_kinship(tmp_path / "a.rel.bin")),
        jamma.run_lmm(study.bfile, kinship=k),
    )
    (tmp_path / "a.rel.id").unlink()
    with pytest.raises(ValueError, match=r"there is no a\.rel\.id next to it"):
        jamma.read_kinship(tmp_path / "a.rel.bin")


def test_a_kinship_is_bound_to_its_ids(tmp_path: Path, study: Study) -> None:
    k = jamma.kinship(study.bfile, out=tmp_path / "k")
    other = 2 * k
    ids = [(f"F{i}", f"I{i}") for i in range(len(k))]
    for name in ("own.txt", "own.npy", "own.txt.gz"):
        jamma.write_kinship(tmp_path / name, k, individuals=ids)
        # The ids in the file are those of another matrix now, so a matrix without ids is an error.
        with pytest.raises(ValueError, match=r"own\.id does not belong to"):
            jamma.write_kinship(tmp_path / name, other)
        assert jamma.read_kinship(tmp_path / name) == pytest.approx(k, rel=1e-9, abs=1e-12)
    for name, matrix in (("k.cXX.txt", np.loadtxt(tmp_path / "k.cXX.txt") * 2), ("own.npy", other)):
        if name.endswith(".npy"):
            np.save(tmp_path / name, matrix)
        else:
            np.savetxt(tmp_path / name, matrix)
        with pytest.raises(ValueError, match=r"\.id does not belong to"):
            jamma.read_kinship(tmp_path / name)
        with pytest.raises(ValueError, match=r"\.id does not belong to"):
            jamma.read_kinship(tmp_path / name, bfile=study.bfile)
    jamma.write_kinship(tmp_path / "own.npy", other, individuals=ids)
    assert np.array_equal(jamma.read_kinship(tmp_path / "own.npy"), other)
    with pytest.raises(ValueError, match="does not belong to"):
        jamma.write_kinship(tmp_path / "own.npy", k[:-1, :-1])


def test_a_kinship_of_arrays_is_that_of_everybody(study: Study) -> None:
    expected = jamma.kinship(study.bfile, kinship_qc="all")
    assert np.array_equal(jamma.kinship(genotypes=study.genotypes), expected)


def test_gemmas_tables_are_read(tmp_path: Path) -> None:
    table = jamma.read_assoc(REFERENCE / "gemma/odd/identity_lmm1.assoc.txt")
    assert table.schema["chr"] == pl.String
    assert table.schema["ps"] == pl.Int64
    assert table.schema["p_wald"] == pl.Float64
    assert table["p_wald"].is_nan().any(), "nan is read as NaN"
    result = jamma.run_lmm(DATA / "demo", out=tmp_path / "zip", gz=True)
    assert len(jamma.read_assoc(tmp_path / "zip.assoc.txt.gz")) == len(result)
    with pytest.raises(ValueError, match="not an association table"):
        jamma.read_assoc(DATA / "missing.snps.txt")


def test_progress_is_called_with_stages_and_fractions() -> None:
    calls: list[tuple[str, float | None]] = []
    jamma.run_lmm(DATA / "demo", progress=lambda stage, fraction: calls.append((stage, fraction)))
    assert "association" in {stage for stage, _ in calls}
    assert all(fraction is None or 0 <= fraction <= 1 for _, fraction in calls)

    def fail(stage: str, fraction: float | None) -> None:
        raise LookupError("from progress")

    with pytest.raises(LookupError, match="from progress"):
        jamma.run_lmm(DATA / "demo", progress=fail)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"bfile": "no/such"}, FileNotFoundError, "no/such.bed: cannot open: no such file"),
        ({"bfile": DATA / "demo", "maf": 0.7}, ValueError, "^maf: expected a number from 0 to 0.5, found 0.7"),
        ({"bfile": DATA / "demo", "tests": "both"}, ValueError, "tests: expected one of 'wald'"),
        ({"bfile": DATA / "demo", "threads": 0}, ValueError, "^threads: expected a whole number from 1"),
        ({"bfile": DATA / "demo", "memory": 0.001}, MemoryError, "this run may use"),
        ({"bfile": DATA / "demo", "lmin": 2.0, "lmax": 1.0}, ValueError, "^lmax: the upper bound 1 of lambda is below"),
        ({"bfile": DATA / "demo", "kinship": np.eye(3)}, ValueError, "kinship: 3 rows, but there are 300 individuals"),
        ({"bfile": DATA / "demo", "kinship": np.ones((300, 2))}, ValueError, "expected a square matrix"),
        ({"bfile": DATA / "demo", "phenotype": np.ones(300)}, ValueError, "phenotype: the phenotype is constant"),
        ({"bfile": DATA / "demo", "phenotype": np.full(300, np.nan)}, ValueError, "analyzed individuals equals 0"),
        (
            {"bfile": DATA / "demo", "phenotype": np.r_[np.inf, np.ones(299)]},
            ValueError,
            "phenotype: a value is infinite",
        ),
        ({"bfile": DATA / "demo", "covariates": np.ones((4, 2))}, ValueError, "covariates: 4 rows, but there are 300"),
        ({"bfile": DATA / "demo", "covariates": 5}, ValueError, "covariates: expected the path of a file, or values"),
        ({"bfile": DATA / "demo", "covariates": ("c.txt", 2)}, ValueError, "covariates: expected the path of one file"),
        ({"bfile": DATA / "demo", "kinship": 7}, ValueError, "kinship: expected the path of a file, or values"),
        ({"bfile": DATA / "demo", "covariates": [["a"]] * 300}, ValueError, "covariates: expected real numbers, found"),
        ({"bfile": DATA / "demo", "genotypes": np.ones((3, 3))}, ValueError, "given twice, as bfile and as genotypes"),
        ({}, ValueError, "either as bfile"),
        ({"genotypes": np.ones((9, 3))}, ValueError, "give phenotype as an array"),
        ({"genotypes": np.full((9, 3), 3), "phenotype": np.arange(9)}, ValueError, "individual 1 has 3 at SNP 1"),
        ({"genotypes": np.full((9, 3), -1.0), "phenotype": np.arange(9)}, ValueError, "individual 1 has -1 at SNP 1"),
        ({"genotypes": np.full((9, 3), -5), "phenotype": np.arange(9)}, ValueError, "individual 1 has -5 at SNP 1"),
        ({"genotypes": np.ones(9), "phenotype": np.arange(9)}, ValueError, None),
        ({"genotypes": np.ones((9, 3)), "phenotype": np.arange(8)}, ValueError, "phenotype: 8 rows"),
        ({"genotypes": np.ones((9, 3)), "phenotype": np.arange(9)}, ValueError, "no SNP is left"),
        ({"bfile": DATA / "demo", "bim": {}}, ValueError, "bim describes genotypes in memory"),
        ({"bfile": DATA / "demo", "backend": "cuda"}, ValueError, "there is no such backend"),
    ],
)
def test_wrong_arguments_are_errors_of_pythons_own(arguments: Any, error: Any, message: str | None) -> None:
    with pytest.raises(error, match=message):
        jamma.run_lmm(**arguments)


def test_an_error_names_the_argument_and_has_the_hint_as_a_note(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="miss") as raised:
        jamma.run_lmm(DATA / "demo", miss=2.0)
    assert main(["lmm", "-bfile", str(DATA / "demo"), "-miss", "2.0"]) == 2
    said = capfd.readouterr().err.splitlines()
    assert said[0] == f"error: -{raised.value}"
    assert raised.value.__notes__ == [said[1].strip().replace("-miss FRACTION", "`miss=FRACTION`")]
    with pytest.raises(FileNotFoundError) as missing:
        jamma.run_lmm("no/such")
    assert missing.value.errno == errno.ENOENT
    with pytest.raises(OSError, match="cannot write to the output directory"):
        jamma.run_lmm(DATA / "demo", out=DATA / "demo.fam" / "x")


@needs_jax
def test_the_backend_jax_rejects_single_precision() -> None:
    with pytest.raises(ValueError, match=r"^rotation: the backend jax rotates in f64 only"):
        jamma.run_lmm(DATA / "demo", rotation="f32", backend="jax")
