"""Workers in network namespaces of their own, as on other machines, with a shared directory.

A bridge connects the namespaces, as a switch connects machines: workers send sums of kinships to each other.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import jamma
from conftest import environment
from test_cluster import When, assert_same_files, cases, no_default_client, simulate

distributed = pytest.importorskip("distributed", reason="Dask is not installed: pip install '.[dask]' in the checkout")

__all__ = ["no_default_client"]

#: An address range for examples (RFC 2544).
NETWORK = "198.18.77"
NAMES = ("jammatest1", "jammatest2")
BRIDGE = "jammabridge"
#: Seconds until the scheduler gives up on a worker that it does not hear from.
TTL = 10


def ip(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=False)


def has_namespaces() -> bool:
    """Whether namespaces, links and bridges can be made here; root in a container may not be allowed to."""
    if shutil.which("ip") is None or os.geteuid() != 0:
        return False
    made = ip("netns", "add", "jammatry").returncode == 0
    made = made and ip("link", "add", "jammatry0", "type", "veth", "peer", "name", "jammatry1").returncode == 0
    made = made and ip("link", "add", "jammatry2", "type", "bridge").returncode == 0
    for link in ("jammatry0", "jammatry2"):
        ip("link", "del", link)
    ip("netns", "del", "jammatry")
    return made


pytestmark = [
    pytest.mark.skipif(
        not has_namespaces(), reason="no namespaces, links and bridges can be made: they need root and the program ip"
    ),
    pytest.mark.filterwarnings("ignore::jamma.JammaWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning:distributed"),
]


def clear() -> None:
    for number, name in enumerate(NAMES, 1):
        ip("link", "del", f"jammat{number}")
        ip("netns", "del", name)
    ip("link", "del", BRIDGE)


def connect() -> None:
    """Makes a namespace for each worker, and the network between them and this process."""
    commands = [
        f"link add {BRIDGE} type bridge",
        f"addr add {NETWORK}.1/24 dev {BRIDGE}",
        f"link set {BRIDGE} up",
    ]
    for number, name in enumerate(NAMES, 1):
        here, there = f"jammat{number}", f"jammau{number}"
        commands += [
            f"netns add {name}",
            f"link add {here} type veth peer name {there} netns {name}",
            f"link set {here} master {BRIDGE}",
            f"link set {here} up",
            f"-n {name} addr add {NETWORK}.{number + 1}/24 dev {there}",
            f"-n {name} link set {there} up",
            f"-n {name} link set lo up",
        ]
    for words in commands:
        done = ip(*words.split())
        assert done.returncode == 0, f"{words}: {done.stderr}"


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[tuple[Any, list[subprocess.Popen[bytes]]]]:
    """A client with a scheduler here, and a worker in each of two namespaces."""
    clear()
    processes: list[subprocess.Popen[bytes]] = []
    client = None
    try:
        connect()
        # The scheduler fails with a timeout of TCP of 10 s or less: it sends ten probes a second apart.
        quick = environment(
            DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP="15s", DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL=f"{TTL}s"
        )
        start = [
            sys.executable,
            "-m",
            "distributed.cli.dask_scheduler",
            "--host",
            "0.0.0.0",
            "--port",
            "18786",
            "--no-dashboard",
        ]
        processes.append(subprocess.Popen(start, env=quick, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        for name in NAMES:
            start = ["ip", "netns", "exec", name, sys.executable, "-m", "distributed.cli.dask_worker"]
            start += [f"tcp://{NETWORK}.1:18786", "--nthreads", "1", "--no-dashboard", "--name", name]
            processes.append(subprocess.Popen(start, env=quick, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        client = distributed.Client("tcp://127.0.0.1:18786", timeout=30)
        client.wait_for_workers(2, timeout=60)
        yield client, processes
    finally:
        if client is not None:
            client.close()
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        clear()


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate(tmp_path_factory.mktemp("study") / "s", 1200, 24000, missing=0.002, seed=5)


def test_workers_on_other_machines_give_the_bytes_of_one_process(machines: Any, study: Path, tmp_path: Path) -> None:
    client, _ = machines
    small = simulate(tmp_path / "small", 122, 7000, missing=0.01)
    for name, case in {"a large study": {"bfile": study}, **cases(small)}.items():
        jamma.run_lmm(**case, out=tmp_path / name / "alone" / "r")
        jamma.run_lmm(**case, out=tmp_path / name / "cluster" / "r", cluster=client)
        assert_same_files(tmp_path / name / "alone", tmp_path / name / "cluster")


def test_a_worker_whose_connection_is_lost_costs_only_time(machines: Any, study: Path, tmp_path: Path) -> None:
    client, _ = machines
    jamma.run_lmm(study, out=tmp_path / "alone" / "r")
    # The link is cut without a word, as by a switch that fails.
    cutter = When(client, "tests", lambda _: ip("link", "set", "jammat1", "down"))
    jamma.run_lmm(study, out=tmp_path / "cluster" / "r", cluster=client)
    cutter.join(60)
    assert cutter.found
    assert_same_files(tmp_path / "alone", tmp_path / "cluster")


def test_a_scheduler_that_is_gone_is_one_clear_error(machines: Any, study: Path, tmp_path: Path) -> None:
    client, processes = machines
    killer = When(client, "tests", lambda _: processes[0].kill())
    with pytest.raises(RuntimeError, match="connection to the scheduler was lost") as raised:
        jamma.run_lmm(study, out=tmp_path / "out" / "r", cluster=client)
    killer.join(60)
    assert raised.value.__notes__
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_a_link_that_comes_back_is_no_fault(machines: Any, study: Path, tmp_path: Path) -> None:
    client, _ = machines
    jamma.run_lmm(study, out=tmp_path / "alone" / "r")

    def blink(_: int) -> None:
        ip("link", "set", "jammat2", "down")
        time.sleep(1)
        ip("link", "set", "jammat2", "up")

    blinker = When(client, "tests", lambda pid: threading.Thread(target=blink, args=(pid,)).start())
    jamma.run_lmm(study, out=tmp_path / "cluster" / "r", cluster=client)
    blinker.join(60)
    assert_same_files(tmp_path / "alone", tmp_path / "cluster")
