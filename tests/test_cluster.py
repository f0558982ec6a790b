"""Runs on a Dask cluster: the bytes of a run in one process, whatever the workers do."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jamma
from conftest import DATA, environment
from jamma.cli import main
from jamma.cluster import DaskRun, scratch

distributed = pytest.importorskip("distributed", reason="Dask is not installed: pip install '.[dask]' in the checkout")
pytestmark = [
    pytest.mark.filterwarnings("ignore::jamma.JammaWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning:distributed"),
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
]

#: Words of log lines that differ between two runs with the same results.
VARIES = ("command", "time", "memory", "date", "threads", "output", "jamma ")


def simulate(prefix: Path, n: int, p: int, *, missing: float, seed: int = 1) -> Path:
    """PLINK files of `n` individuals in families and `p` SNPs on five chromosomes, with three phenotypes."""
    random = np.random.default_rng(seed)
    frequency = random.uniform(0.1, 0.9, p)
    parents = random.random((2, n // 4 + 1, p)) < frequency
    family = np.arange(n) // 4
    dosage = parents[0, family].astype(np.int8) + (random.random((n, p)) < frequency)
    codes = np.array([3, 2, 0], np.uint8)[dosage]
    codes[random.random((n, p)) < missing] = 1
    padded = np.zeros((-(-n // 4) * 4, p), np.uint8)
    padded[:n] = codes
    packed = sum(padded[k::4] << (2 * k) for k in range(4))
    prefix.with_suffix(".bed").write_bytes(b"\x6c\x1b\x01" + np.ascontiguousarray(packed.T).tobytes())
    chromosomes = np.sort(random.integers(0, 5, p))
    names = ["1", "2", "3", "X", "un"]
    lines = (f"{names[c]}\trs{j}\t0\t{100 * j + 1}\tA\tG\n" for j, c in enumerate(chromosomes))
    prefix.with_suffix(".bim").write_text("".join(lines))
    y = dosage @ random.normal(0, 1 / np.sqrt(p), p) + random.normal(0, 0.7, n)
    rows = []
    for i in range(n):
        second = "NA" if i % 11 == 3 else f"{y[i] + random.normal():.5f}"
        rows.append(f"f{family[i]} i{i} 0 0 1 {y[i]:.5f} {second} {random.normal():.5f}\n")
    prefix.with_suffix(".fam").write_text("".join(rows))
    covariates = (f"{random.normal():.4f} {i % 2}\n" if i % 37 else "NA 1\n" for i in range(n))
    prefix.with_suffix(".cov").write_text("".join(covariates))
    dosages = (
        f"rs{j}, A, G, " + ", ".join(f"{x:.3f}" for x in np.clip(dosage[:, j] * 0.97, 0, 2)) + "\n" for j in range(p)
    )
    if p <= 10000:
        prefix.with_suffix(".geno").write_text("".join(dosages))
        prefix.with_suffix(".pheno").write_text("".join(f"{value:.5f}\n" for value in y))
    return prefix


@pytest.fixture(autouse=True, scope="module")
def no_default_client() -> Iterator[None]:
    """Arrays of dask are computed without a cluster in the tests that follow."""
    import dask

    with dask.config.set():
        yield
    dask.config.config.pop("scheduler", None)
    dask.config.config.pop("shuffle", None)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate(tmp_path_factory.mktemp("study") / "s", 122, 7000, missing=0.01)


@pytest.fixture(scope="module", params=[1, 2, 4])
def client(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A cluster of worker processes with one thread each."""
    with (
        distributed.LocalCluster(n_workers=request.param, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def facts(path: Path) -> list[str]:
    """The lines of a log that do not depend on when and where the run was made."""
    lines = path.read_text().splitlines()
    return [line for line in lines if not any(word in line.lower() for word in VARIES)]


def assert_same_files(one: Path, other: Path) -> None:
    """The same tables under the same names, the same facts in the logs, and nothing else."""
    names = sorted(path.name for path in one.iterdir())
    assert names == sorted(path.name for path in other.iterdir())
    assert any("assoc" in name for name in names)
    for name in names:
        if name.endswith(".log.txt"):
            assert facts(one / name) == facts(other / name)
        elif not name.endswith(".run.json"):
            assert (one / name).read_bytes() == (other / name).read_bytes(), name


def cases(study: Path) -> dict[str, dict[str, Any]]:
    kinship = study.parent / "k" / "k.cXX.txt"
    if not kinship.exists():
        jamma.kinship(study, out=kinship.parent / "k")
    return {
        "hard calls": {"bfile": study, "tests": "all"},
        "covariates and filters": {
            "bfile": study,
            "covariates": f"{study}.cov",
            "maf": 0.2,
            "kinship_kind": "standardized",
        },
        "several traits": {"bfile": study, "traits": "all", "all_snps": True, "long": True},
        "leaving chromosomes out": {"bfile": study, "loco": True, "loco_min_snps": 10, "traits": [1, 2]},
        "one chromosome": {"bfile": study, "loco": "X", "permutations": 30},
        "dosages": {"bimbam": f"{study}.geno", "phenotype": f"{study}.pheno"},
        "a kinship": {
            "bfile": study,
            "kinship": kinship,
            "phenotype": np.arange(122) % 7 + 0.5,
            "output_format": "tsv.gz",
        },
    }


NAMES = (
    "hard calls",
    "covariates and filters",
    "several traits",
    "leaving chromosomes out",
    "one chromosome",
    "dosages",
    "a kinship",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_cluster_gives_the_bytes_of_one_process(client: Any, study: Path, tmp_path: Path, name: str) -> None:
    arguments = cases(study)[name]
    alone = jamma.run_lmm(**arguments, out=tmp_path / "alone" / "r")
    on_cluster = jamma.run_lmm(**arguments, out=tmp_path / "cluster" / "r", cluster=client)
    assert_same_files(tmp_path / "alone", tmp_path / "cluster")
    assert alone.to_polars().equals(on_cluster.to_polars())
    assert alone.notes == on_cluster.notes


def test_the_linear_model_and_the_command_line(client: Any, study: Path, tmp_path: Path) -> None:
    alone = jamma.run_lm(study, covariates=f"{study}.cov", tests="all")
    on_cluster = jamma.run_lm(study, covariates=f"{study}.cov", tests="all", cluster=client)
    assert alone.to_polars().equals(on_cluster.to_polars())
    address = client.scheduler.address
    words = ["lmm", "-bfile", str(study), "-lmm", "4", "-n", "2", "-o", "r"]
    assert main([*words, "-outdir", str(tmp_path / "alone")]) == 0
    assert main([*words, "-outdir", str(tmp_path / "cluster"), "--dask", address]) == 0
    assert_same_files(tmp_path / "alone", tmp_path / "cluster")


def test_a_trait_that_cannot_be_analysed_fails_alone(client: Any, study: Path) -> None:
    values = {"good": np.arange(122) % 5, "constant": np.ones(122), "other": np.arange(122) % 3}
    alone = jamma.run_lmm(study, phenotype=values)
    on_cluster = jamma.run_lmm(study, phenotype=values, cluster=client)
    assert alone.to_polars().equals(on_cluster.to_polars())
    assert list(on_cluster.failed) == ["constant"]
    assert alone.notes == on_cluster.notes


def test_what_a_cluster_cannot_do_is_refused_by_name(client: Any, study: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="genotypes in memory"):
        jamma.run_lmm(genotypes=np.zeros((4, 3)), phenotype=np.arange(4), cluster=client)
    with pytest.raises(ValueError, match="kinship in memory"):
        jamma.run_lmm(study, kinship=np.eye(122), cluster=client)
    with pytest.raises(ValueError, match="stepwise"):
        jamma.run_lmm(study, stepwise=1e-3, cluster=client)
    with pytest.raises(FileNotFoundError, match="nosuch"):
        jamma.run_lmm(tmp_path / "nosuch", cluster=client)
    assert list(tmp_path.iterdir()) == []


def test_an_address_without_a_scheduler_is_said(study: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["lmm", "-bfile", str(study), "--dask", "tcp://127.0.0.1:9"]) == 1
    message = capfd.readouterr().err
    assert "127.0.0.1:9" in message
    assert "hint: " in message


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study whose stages take long enough to be interrupted."""
    return simulate(tmp_path_factory.mktemp("large") / "s", 1200, 24000, missing=0.002, seed=5)


@pytest.fixture(scope="module")
def expected(large: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("expected")
    jamma.run_lmm(large, out=out / "r")
    return out


@pytest.fixture
def two_workers() -> Iterator[Any]:
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


class When(threading.Thread):
    """Does something once, when a worker processes a task of a stage; `found` is its process."""

    def __init__(self, client: Any, stage: str, act: Callable[[int], None]) -> None:
        super().__init__(daemon=True)
        self.pids = client.run(os.getpid)
        self.other = distributed.Client(client.scheduler.address, set_as_default=False)
        self.stage, self.act, self.found = stage, act, 0
        self.start()

    def run(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end and not self.found:
            for worker, keys in self.other.processing().items():
                if any(str(key).startswith(f"jamma-{self.stage}") for key in keys) and worker in self.pids:
                    self.found = self.pids[worker]
                    time.sleep(0.05)
                    self.act(self.found)
                    return
            time.sleep(0.005)


@pytest.mark.parametrize("stage", ["kinship", "decomposition", "tests"])
def test_a_worker_that_is_killed_costs_only_time(
    two_workers: Any, large: Path, expected: Path, tmp_path: Path, stage: str
) -> None:
    killer = When(two_workers, stage, lambda pid: os.kill(pid, signal.SIGKILL))
    jamma.run_lmm(large, out=tmp_path / "out" / "r", cluster=two_workers)
    killer.join(60)
    assert killer.found, "the stage was seen"
    assert_same_files(expected, tmp_path / "out")


def test_workers_without_memory_are_one_clear_error(large: Path, tmp_path: Path) -> None:
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, memory_limit="30MB", dashboard_address=None, processes=False
        ) as cluster,
        distributed.Client(cluster) as client,
        pytest.raises(MemoryError, match=r"1200 individuals needs 0\.05 GB on one worker"),
    ):
        jamma.run_lmm(large, out=tmp_path / "out" / "r", cluster=client)
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


@pytest.fixture
def marked() -> Iterator[tuple[Any, subprocess.Popen[bytes]]]:
    """A client of two workers, and the process of the one with the resource for decompositions; neither is restarted."""
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        start = [sys.executable, "-m", "distributed.cli.dask_worker", cluster.scheduler_address, "--no-nanny"]
        start += ["--nthreads", "1", "--no-dashboard", "--name"]
        quiet: dict[str, Any] = {"env": environment(), "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        both = [
            subprocess.Popen([*start, "other"], **quiet),
            subprocess.Popen([*start, "marked", "--resources", "jamma-eigen=1"], **quiet),
        ]
        try:
            client.wait_for_workers(2, timeout=60)
            yield client, both[1]
        finally:
            for process in both:
                process.kill()
                process.wait()


def test_decompositions_are_for_the_workers_with_the_resource(
    marked: Any, large: Path, expected: Path, tmp_path: Path
) -> None:
    client, process = marked
    seen = When(client, "decomposition", lambda _: None)
    jamma.run_lmm(large, out=tmp_path / "out" / "r", cluster=client)
    seen.join(60)
    assert seen.found == process.pid
    assert_same_files(expected, tmp_path / "out")


def test_without_a_worker_for_decompositions_the_run_gives_up(
    marked: Any, large: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, process = marked
    monkeypatch.setattr("jamma.cluster.connection.PATIENCE", 3.0)
    killer = When(client, "decomposition", lambda _: process.kill())
    with pytest.raises(RuntimeError, match="no worker has had the resource jamma-eigen") as raised:
        jamma.run_lmm(large, out=tmp_path / "out" / "r", cluster=client)
    killer.join(60)
    assert "--resources jamma-eigen=1" in raised.value.__notes__[0]
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_an_error_of_a_task_is_not_taken_for_a_lost_connection(two_workers: Any, study: Path, tmp_path: Path) -> None:
    """A worker that does not find a file, because the path is that of another machine."""
    for end in (".bed", ".bim", ".fam"):
        (tmp_path / f"s{end}").write_bytes(study.with_suffix(end).read_bytes())
    script = """
import jamma.cluster.tasks as tasks
before = tasks._prepare
def prepare(recipe):
    import pathlib
    path = pathlib.Path(PATH)
    path.rename(str(path) + ".away")
    try:
        return before(recipe)
    finally:
        pathlib.Path(str(path) + ".away").rename(path)
tasks._prepare = prepare
"""
    two_workers.run(exec, script.replace("PATH", repr(str(tmp_path / "s.bim"))), {})
    with pytest.raises(OSError, match=r"s\.bim"):
        jamma.run_lmm(tmp_path / "s", cluster=two_workers)


def test_workers_whose_memory_is_full_are_one_clear_error(
    large: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dask pauses a worker at 80 % of its limit: it computes nothing, and would be waited for without end."""
    monkeypatch.setattr("jamma.cluster.connection.PATIENCE", 3.0)
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, memory_limit="600MB", dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        client.run(fill_memory, 0.87)
        with pytest.raises(MemoryError, match="have been paused") as raised:
            jamma.run_lmm(large, out=tmp_path / "out" / "r", cluster=client)
    assert "--memory-limit" in raised.value.__notes__[0]
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def fill_memory(fraction: float, dask_worker: Any) -> None:
    """Fills the memory of a worker up to a fraction of its limit."""
    import psutil

    missing = int(dask_worker.memory_manager.memory_limit * fraction) - psutil.Process().memory_info().rss
    dask_worker.filled = b"x" * missing


def test_workers_that_die_again_and_again_are_one_clear_error(two_workers: Any, large: Path, tmp_path: Path) -> None:
    pids: set[int] = set()
    stop = threading.Event()

    def kill_all() -> None:
        other = distributed.Client(two_workers.scheduler.address, set_as_default=False)
        while not stop.is_set():
            busy = [worker for worker, keys in other.processing().items() if any("jamma-" in str(key) for key in keys)]
            for worker in busy:
                found = other.run(os.getpid, workers=[worker], on_error="ignore")
                for pid in found.values():
                    pids.add(pid)
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)

    killer = threading.Thread(target=kill_all, daemon=True)
    killer.start()
    try:
        with pytest.raises(RuntimeError, match="ended several workers") as raised:
            jamma.run_lmm(large, out=tmp_path / "out" / "r", cluster=two_workers)
    finally:
        stop.set()
        killer.join(60)
    assert "memory" in raised.value.__notes__[0]
    assert not any("assoc" in path.name for path in tmp_path.rglob("*"))


@pytest.mark.parametrize("stage", ["kinship", "decomposition", "tests"])
def test_an_interrupted_client_leaves_no_output(two_workers: Any, large: Path, tmp_path: Path, stage: str) -> None:
    words = [sys.executable, "-m", "jamma", "lmm", "-bfile", str(large), "-outdir", str(tmp_path / "out"), "-o", "r"]
    words += ["--dask", two_workers.scheduler.address]
    process = subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    watch = When(two_workers, stage, lambda _: process.send_signal(signal.SIGINT))
    _, message = process.communicate(timeout=120)
    watch.join(60)
    assert process.returncode == 130, message
    begun = time.monotonic()
    while any(two_workers.run(n_executing).values()) and time.monotonic() < begun + 20:
        time.sleep(0.1)
    assert not any(two_workers.run(n_executing).values()), "its tasks are stopped"
    assert not any(two_workers.processing().values()), "its tasks are cancelled"
    left = [path.name for path in tmp_path.rglob("*")]
    assert left in ([], ["out"]), left
    jamma.run_lmm(large, out=tmp_path / "again" / "r", cluster=two_workers)


def n_executing(dask_worker: Any) -> int:
    """Number of tasks that a worker is computing, also of those that were cancelled."""
    return len(dask_worker.state.executing) + len(dask_worker.state.long_running)


def test_workers_use_the_backend_of_the_client(
    two_workers: Any, study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("jax", reason="JAX is not installed")
    case: dict[str, Any] = {"bfile": study, "tests": "all", "loco": True, "loco_min_snps": 10}
    jamma.run_lmm(**case, out=tmp_path / "alone" / "r", backend="jax")
    monkeypatch.setenv("JAMMA_BACKEND", "jax")
    jamma.run_lmm(**case, out=tmp_path / "cluster" / "r", cluster=two_workers)
    assert "Backend          = jax" in (tmp_path / "cluster" / "r.log.txt").read_text()
    assert_same_files(tmp_path / "alone", tmp_path / "cluster")


def test_a_run_that_ends_early_leaves_the_tasks_of_others_alone(
    two_workers: Any, study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client is that of the caller, who has tasks of their own."""
    theirs = two_workers.submit(sum, [1, 2], pure=False)
    assert theirs.result() == 3
    before = DaskRun.tests

    def fails(run: DaskRun, group: int, number: int) -> bytes | None:
        if number == 1:
            raise ValueError("the end")
        return before(run, group, number)

    monkeypatch.setattr(DaskRun, "tests", fails)
    with pytest.raises(ValueError, match="the end"):
        jamma.run_lmm(study, loco=True, loco_min_snps=10, out=tmp_path / "r", cluster=two_workers)
    assert theirs.status == "finished"
    assert two_workers.submit(sum, [3, 4], pure=False).result(timeout=30) == 7
    end = time.monotonic() + 20
    while (
        any(str(key).startswith("jamma") for of in two_workers.has_what().values() for key in of)
        and time.monotonic() < end
    ):
        time.sleep(0.1)
    assert not any(str(key).startswith("jamma") for of in two_workers.has_what().values() for key in of)


def test_two_runs_share_a_cluster(two_workers: Any, study: Path, large: Path, expected: Path, tmp_path: Path) -> None:
    """At the same time, in the same directory of outputs."""
    jamma.run_lmm(study, tests="all", out=tmp_path / "alone" / "small")
    address = two_workers.scheduler.address

    def small() -> None:
        jamma.run_lmm(study, tests="all", out=tmp_path / "both" / "small", cluster=address)

    other = threading.Thread(target=small)
    other.start()
    jamma.run_lmm(large, out=tmp_path / "both" / "r", cluster=address)
    other.join(120)
    for name, of in (("small", tmp_path / "alone"), ("r", expected)):
        table = f"{name}.assoc.txt"
        assert (tmp_path / "both" / table).read_bytes() == (of / table).read_bytes()
    assert not list((tmp_path / "both").glob(".jamma-cluster-*"))


def test_what_a_killed_client_has_left_is_removed(two_workers: Any, study: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    here = scratch._machine()
    owners = {"gone": (here, int(gone.stdout)), "here": (here, os.getpid()), "elsewhere": ("another machine", 1)}
    for name, (machine, process) in owners.items():
        directory = tmp_path / "out" / f".jamma-cluster-{name}"
        (directory / "0-0").mkdir(parents=True)
        (directory / "client.json").write_text(json.dumps({"machine": machine, "host": machine, "process": process}))
    old = time.time() - 48 * 3600
    os.utime(tmp_path / "out" / ".jamma-cluster-elsewhere", (old, old))
    with pytest.warns(jamma.JammaWarning, match="process 1 on another machine"):
        jamma.run_lmm(study, out=tmp_path / "out" / "r", cluster=two_workers)
    left = sorted(path.name for path in (tmp_path / "out").glob(".jamma-cluster-*"))
    assert left == [".jamma-cluster-elsewhere", ".jamma-cluster-here"]


def test_groups_of_traits_do_not_fill_the_cluster(two_workers: Any, study: Path, tmp_path: Path) -> None:
    """Ten traits that are missing for other individuals: the sums of at most two are there at the same time."""
    y = np.random.default_rng(3).normal(size=(122, 10))
    y[np.arange(10), np.arange(10)] = np.nan
    most = 0
    stop = threading.Event()

    def watch() -> None:
        nonlocal most
        other = distributed.Client(two_workers.scheduler.address, set_as_default=False)
        while not stop.is_set():
            keys = {str(key) for of_worker in other.has_what().values() for key in of_worker}
            groups = {key.split("-")[2] for key in keys if key.startswith(("jamma-kinship", "jamma-sum"))}
            most = max(most, len(groups))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        result = jamma.run_lmm(study, phenotype=y, cluster=two_workers)
    finally:
        stop.set()
        watcher.join(60)
    alone = jamma.run_lmm(study, phenotype=y)
    assert result.to_polars().equals(alone.to_polars())
    assert 1 <= most <= 2


def test_workers_with_other_files_are_refused(two_workers: Any, study: Path, tmp_path: Path) -> None:
    """Workers that see another .fam under the same path, as on another machine."""
    for end in (".bed", ".bim", ".fam"):
        (tmp_path / f"s{end}").write_bytes(study.with_suffix(end).read_bytes())
    other = study.with_suffix(".fam").read_text().replace("f0 i0 ", "f0 other0 ")
    script = """
import jamma.cluster.tasks as tasks
before = tasks._prepare
def prepare(recipe):
    import pathlib
    path = pathlib.Path(PATH)
    known = path.read_bytes()
    path.write_text(OTHER)
    try:
        return before(recipe)
    finally:
        path.write_bytes(known)
tasks._prepare = prepare
"""
    script = script.replace("PATH", repr(str(tmp_path / "s.fam"))).replace("OTHER", repr(other))
    two_workers.run(exec, script, {})
    with pytest.raises(RuntimeError, match=r"sees other inputs than the client: input \.fam is s\.fam"):
        jamma.run_lmm(tmp_path / "s", cluster=two_workers)


def test_the_plan_of_ranges_covers_every_snp_once() -> None:
    from jamma.cluster import ranges

    random = np.random.default_rng(3)
    for _ in range(200):
        start = int(random.integers(0, 5000))
        length = int(random.integers(1, 60000))
        chromosome = [
            (start, start + length),
            (start + length + 10, start + length + 10 + int(random.integers(1, 3000))),
        ]
        snps = {snp for one in chromosome for snp in range(*one)}
        n_tasks = int(random.integers(1, 40))
        of_kinship = ranges.of_kinship(chromosome, 1024, n_tasks)
        of_tests = ranges.of_tests(chromosome, length + 5000, n_tasks, int(random.integers(1, 2000)))
        for divided in (of_kinship, of_tests):
            covered = [snp for one in divided for snp in range(*one)]
            assert len(covered) == len(snps)
            assert set(covered) == snps
        starts = {one[0] for one in chromosome}
        assert all(start in starts or start % 1024 == 0 for start, _ in of_kinship)


def test_the_demonstration_study_runs_on_a_client_of_one_process(tmp_path: Path) -> None:
    with distributed.Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=None) as client:
        alone = jamma.run_lmm(DATA / "demo", out=tmp_path / "alone" / "r")
        on_cluster = jamma.run_lmm(DATA / "demo", out=tmp_path / "cluster" / "r", cluster=client)
    assert alone.to_polars().equals(on_cluster.to_polars())
    assert_same_files(tmp_path / "alone", tmp_path / "cluster")
