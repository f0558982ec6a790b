"""Packaging: versions and requirements agree, files name what exists, linters find nothing, and the workflows run.

Linters and Snakemake are used if they are installed (the dependency group `packaging` of pyproject.toml).
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import jamma
from conftest import DATA, ROOT, environment

yaml = pytest.importorskip("yaml")

PACKAGING = ROOT / "packaging"
SNAKEMAKE = PACKAGING / "snakemake"
NEXTFLOW = PACKAGING / "nextflow"
RECIPE = PACKAGING / "conda" / "recipe.yaml"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
MODULES = sorted(path.parent for path in NEXTFLOW.glob("modules/jamma/*/main.nf"))
CARGO = tomllib.loads((ROOT / "Cargo.toml").read_text())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DISTRIBUTION = "jamma-gwas"


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def installed(name: str) -> str:
    """The path of a program in the environment of the tests or on the PATH."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        pytest.skip(f"{name} is not installed: pip install --group packaging")
    return found


def check(*words: str | Path, **options: Any) -> str:
    run = subprocess.run(
        [str(word) for word in words],
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        **options,
    )
    assert run.returncode == 0, run.stdout
    return run.stdout


def test_every_file_has_the_version_of_cargo_toml() -> None:
    version = CARGO["package"]["version"]
    assert jamma.__version__ == version
    assert load(ROOT / "CITATION.cff")["version"] == version
    assert load(RECIPE)["context"]["version"] == version
    (pinned,) = load(NEXTFLOW / "modules/jamma/environment.yml")["dependencies"]
    assert pinned == f"conda-forge::{DISTRIBUTION}={version}"


def test_the_distribution_has_its_own_name_and_the_command_is_jamma() -> None:
    assert PROJECT["name"] == load(RECIPE)["package"]["name"] == DISTRIBUTION
    assert PROJECT["scripts"] == {"jamma": "jamma.cli:console"}
    try:
        found = importlib.metadata.distribution(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("the package is not installed")
    assert found.version == CARGO["package"]["version"]
    assert [point.value for point in found.entry_points if point.name == "jamma"] == ["jamma.cli:console"]


def test_no_page_installs_the_package_of_another_program() -> None:
    wrong = re.compile(r"(?<!un)install( -\S+)* ['\"]?jamma(?!-gwas)\b")
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *PACKAGING.rglob("*.md")]
    found = {page.name: wrong.search(page.read_text()) for page in pages}
    # The README and two pages tell the reader not to.
    assert {name for name, match in found.items() if match} <= {"README.md", "python.md", "install.md"}
    for page in pages:
        for match in wrong.finditer(page.read_text()):
            assert "not `pip " in page.read_text()[match.start() - 20 : match.end()], page


def test_the_recipe_has_the_requirements_of_pyproject() -> None:
    requirements = load(RECIPE)["requirements"]
    run = {re.sub(r"\s", "", one) for one in requirements["run"] if not one.startswith("python ")}
    assert run == set(PROJECT["dependencies"])
    (maturin,) = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert maturin in [one.replace(" ", "") for one in requirements["host"]]
    assert f">={load(RECIPE)['context']['python_min']}" == PROJECT["requires-python"]


def test_the_recipe_renders() -> None:
    build = pytest.importorskip(
        "rattler_build", reason="py-rattler-build is not installed: pip install --group packaging"
    )
    recipe = build.Stage0Recipe.from_file(RECIPE)
    variants = build.VariantConfig(
        {"c_compiler": ["gcc"], "cxx_compiler": ["gxx"], "rust_compiler": ["rust"], "c_stdlib": ["sysroot"]}
    )
    for platform in ("linux-64", "linux-aarch64", "osx-64", "osx-arm64", "win-64"):
        config = build.RenderConfig(platform=build.PlatformConfig(target_platform=platform))
        (rendered,) = recipe.render(variants, config)
        assert rendered.recipe.to_dict()["package"]["name"] == DISTRIBUTION


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in WORKFLOWS:
        for name, job in load(path)["jobs"].items():
            yield from ((f"{path.name}: {name}", step) for step in job["steps"])


def test_workflows_run_files_that_exist() -> None:
    named = {
        word.strip("'\"").removeprefix("$PWD/")
        for _, step in steps()
        for word in re.split(r"[\s=]", step.get("run", "").replace('"', ""))
        if re.match(r"(\$PWD/)?(\.ci|packaging|tests)/", word.strip("'\""))
    }
    assert {".ci/run", "packaging/no-python.txt", "tests/test_packaging.py"} <= named
    assert [word for word in sorted(named) if not (ROOT / word).exists()] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_jobs_need_jobs_that_exist_and_have_few_permissions(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        needs = job.get("needs", [])
        for needed in [needs] if isinstance(needs, str) else needs:
            assert needed in workflow["jobs"], f"{name} needs {needed}"
        assert job["timeout-minutes"] > 0, name
        for output in re.findall(r"needs\.(\w+)\.", str(job)):
            assert output in needs, f"{name} reads an output of {output}"


def test_actions_are_pinned_to_a_commit_and_name_its_version() -> None:
    for path in WORKFLOWS:
        used = re.findall(r"uses: (.*)", path.read_text())
        assert used
        for action in used:
            assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), f"{path.name}: {action}"
    # One commit of each action in all workflows.
    pins = {action for path in WORKFLOWS for action in re.findall(r"uses: (\S+)", path.read_text())}
    assert len({pin.split("@")[0] for pin in pins}) == len(pins)


def test_workflows_follow_the_schema() -> None:
    program = installed("check-jsonschema")
    check(program, "--builtin-schema", "vendor.github-workflows", *WORKFLOWS)
    check(program, "--builtin-schema", "vendor.dependabot", ROOT / ".github" / "dependabot.yml")


def test_actionlint_finds_nothing() -> None:
    check(installed("actionlint"), *WORKFLOWS)


def test_zizmor_finds_nothing() -> None:
    check(installed("zizmor"), "--offline", "--persona", "pedantic", ROOT / ".github")


def test_shellcheck_finds_nothing() -> None:
    program = installed("shellcheck")
    for name, step in steps():
        if "run" in step:
            # As GitHub does, expressions are replaced before the shell sees them.
            script = re.sub(r"\$\{\{.*?\}\}", "expression", step["run"])
            check(program, "--shell", "bash", "-", input=f"set -e\n{script}"), name


def test_hadolint_finds_nothing() -> None:
    check(installed("hadolint"), "--config", ROOT / ".hadolint.yaml", ROOT / "Dockerfile")


def instructions() -> list[list[str]]:
    text = re.sub(r"(?m)^#.*\n", "", (ROOT / "Dockerfile").read_text()).replace("\\\n", " ")
    return [line.split() for line in text.splitlines() if line.strip()]


def is_sent_to_the_builder(path: str) -> bool:
    """Whether .dockerignore lets a file pass: the last pattern that matches decides."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = re.escape(line.removeprefix("!")).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")
        if re.fullmatch(pattern + "(/.*)?", path):
            sent = line.startswith("!")
    return sent


def test_the_image_copies_files_that_exist_and_are_sent_to_the_builder() -> None:
    copied = [
        source
        for instruction, *words in instructions()
        if instruction == "COPY" and not words[0].startswith("--from")
        for source in words[:-1]
    ]
    assert "src" in copied
    for source in copied:
        path = ROOT / source
        assert path.exists(), source
        inside = sorted([*path.rglob("*.rs"), *path.rglob("*.py")], key=lambda file: file.suffix != ".rs")
        some = path if path.is_file() else inside[0]
        assert is_sent_to_the_builder(some.relative_to(ROOT).as_posix()), source
    for ignored in (
        "target/release/jamma",
        ".git/config",
        "python/jamma/_core.abi3.so",
        "docs/options.md",
        "tests/run.sh",
    ):
        assert not is_sent_to_the_builder(ignored), ignored
    # Cargo reads the paths of all targets; the sources include files.
    named = [CARGO["bin"][0]["path"], *(test["path"] for test in CARGO["test"])]
    named += [f"benches/{bench['name']}.rs" for bench in CARGO["bench"]]
    for file in (ROOT / "src").rglob("*.rs"):
        for included in re.findall(r'include_(?:bytes|str)!\("([^"]+)"\)', file.read_text()):
            if file.name != "recorded.rs":  # only tests
                named.append((file.parent / included).resolve().relative_to(ROOT).as_posix())
    for path in named:
        assert any(path == source or path.startswith(f"{source}/") for source in copied), path
        assert is_sent_to_the_builder(path), path


def test_images_run_jamma_and_not_as_root() -> None:
    stages: dict[str, list[list[str]]] = {}
    for instruction in instructions():
        if instruction[0] == "FROM":
            stages[instruction[-1]] = []
        elif stages:
            stages[list(stages)[-1]].append(instruction)
    assert list(stages)[-1] == "jamma"  # what `docker build .` builds
    for target in load(ROOT / ".github/workflows/release.yml")["jobs"]["images"]["strategy"]["matrix"]["image"]:
        assert ["ENTRYPOINT", '["jamma"]'] in stages[target]
        (user,) = [words for name, *words in stages[target] if name == "USER"]
        assert int(user[0]) > 0
        assert any(words[0] == "LABEL" for words in stages[target])
    for words in instructions():
        for stage in re.findall(r"(?:--from=|from=)(\w+)", " ".join(words)):
            assert stage in stages, stage


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a workflow, with the `jamma` of these tests on the PATH."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "jamma").write_text(f'#!/bin/sh\nexec {sys.executable} -m jamma "$@"\n')
    (folder / "jamma").chmod(0o755)
    variables = environment()
    return {**variables, "PATH": f"{folder}{os.pathsep}{variables['PATH']}", "XDG_CACHE_HOME": str(folder / "cache")}


def snakemake(workflow: str, *words: str, folder: Path, env: dict[str, str], options: tuple[str, ...] = ()) -> str:
    """Run Snakemake in a folder on the bundled study `missing`, which has several phenotypes."""
    program = installed("snakemake")
    (folder / "data").symlink_to(DATA)
    config = ["study=data/missing", "name=x", "threads=1", "mem_mb=1000", "traits=[1,2]", "parts=3", *options]
    return check(program, "-s", SNAKEMAKE / workflow, "--directory", folder, *words, "--config", *config, env=env)


@pytest.mark.parametrize("workflow", ["lmm.smk", "traits.smk", "parts.smk"])
def test_snakemake_finds_nothing_to_improve(workflow: str, tmp_path: Path, command: dict[str, str]) -> None:
    said = snakemake(workflow, "--lint", folder=tmp_path, env=command)
    assert "Congratulations, your workflow is in a good condition!" in said


@pytest.mark.parametrize(
    ("workflow", "n_jobs"),
    # With `all`: kinship and two traits; three parts of the kinship, merge, eigen, three parts of the tests, merge.
    [("lmm.smk", 2), ("traits.smk", 4), ("parts.smk", 10)],
)
def test_snakemake_plans_the_jobs(workflow: str, n_jobs: int, tmp_path: Path, command: dict[str, str]) -> None:
    said = snakemake(workflow, "--dry-run", folder=tmp_path, env=command)
    assert re.search(rf"(?m)^total +{n_jobs}$", said), said


@pytest.mark.parametrize("workflow", ["lmm.smk", "traits.smk", "parts.smk"])
def test_snakemake_writes_the_tables_of_jamma(workflow: str, tmp_path: Path, command: dict[str, str]) -> None:
    if workflow == "parts.smk" and subprocess.run(["jamma", "help", "part"], env=command, check=False).returncode:
        pytest.skip("this jamma has no --part")
    options = ("study_options=-maf 0.05", "kinship_options=-maf 0.05", "options=-lmm 4")
    snakemake(workflow, "--cores", "2", folder=tmp_path, env=command, options=options)
    for trait in (1, 2) if workflow == "traits.smk" else (1,):
        qc = ["--kinship-qc", "all"] if workflow == "traits.smk" else []
        words = ["jamma", "lmm", "-bfile", DATA / "missing", "-maf", "0.05", "-lmm", "4", "-n", str(trait), *qc]
        check(*words, "-outdir", tmp_path, "-o", f"one.{trait}", env=command)
        name = f"x.{trait}" if workflow == "traits.smk" else "x"
        found = (tmp_path / "results" / f"{name}.assoc.txt").read_text()
        assert found == (tmp_path / f"one.{trait}.assoc.txt").read_text()


def test_nextflow_modules_describe_their_inputs_and_outputs() -> None:
    assert [module.name for module in MODULES] == ["eigen", "gk", "lmm", "merge"]
    for module in MODULES:
        text = (module / "main.nf").read_text()
        described = load(module / "meta.yml")
        inputs = text[text.index("    input:") : text.index("    output:")]
        outputs = text[text.index("    output:") : text.index("    when:")]
        assert [name for one in described["input"] for name in one] == re.findall(r"(?:val|path)[ (](\w+)", inputs)
        assert [name for one in described["output"] for name in one] == re.findall(r"emit: (\w+)", outputs)
        assert f"process JAMMA_{module.name.upper()} {{" in text
    for example in NEXTFLOW.glob("*.nf"):
        for included in re.findall(r"from '(.*)'", example.read_text()):
            assert (NEXTFLOW / f"{included}.nf").exists(), included


def test_nextflow_files_can_be_parsed() -> None:
    reftrace = pytest.importorskip("reftrace", reason="reftrace is not installed: pip install reftrace")
    for path in NEXTFLOW.rglob("*.nf"):
        found = reftrace.Module.from_file(str(path))
        assert isinstance(found, reftrace.Module), found


def test_workflows_use_options_that_jamma_has(command: dict[str, str]) -> None:
    files = [*SNAKEMAKE.glob("*.smk"), *NEXTFLOW.rglob("*.nf"), SNAKEMAKE / "wrapper" / "wrapper.py"]
    options: set[str] = set()
    for file in files:
        for line in file.read_text().splitlines():
            if re.search(r'jamma [a-z]+ -|^ +" -|--part|--memory|"-', line) and not line.startswith(("#", "//")):
                options |= set(re.findall(r"""[\s"'](--?[a-z][a-z-]*)""", line))
    assert {"-bfile", "-k", "-outdir", "--kinship-qc", "--threads", "--memory"} <= options
    for option in sorted(options - {"--part", "--merge"}):
        check("jamma", "help", option.lstrip("-"), env=command)
