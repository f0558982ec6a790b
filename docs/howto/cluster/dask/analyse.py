#!/usr/bin/env python3
"""Run an association analysis on the nodes of a cluster, with Dask workers that a batch system starts.

    python analyse.py --scheduler slurm --bfile /shared/study/genotypes --out /shared/study/results/height \
        --workers 16 --cores 16 --memory 64GB --walltime 08:00:00 \
        --eigen-worker "sbatch --cpus-per-task=64 --mem=500G --time=1-0 eigen-worker.sh"

Needs `pip install 'jamma-gwas[dask]' dask-jobqueue`, the same versions on all nodes. `--dry-run` prints the script of a
worker's job and submits nothing.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import time
from typing import Any


def arguments() -> argparse.Namespace:
    """The arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scheduler", choices=["slurm", "pbs", "lsf", "sge"], default="slurm")
    parser.add_argument(
        "--bfile", required=True, help="PLINK files on a shared file system, or at a URL (s3://, https://)"
    )
    parser.add_argument("--out", required=True, help="prefix of the results")
    parser.add_argument("--traits", help="phenotype columns, such as all or 1,3-5")
    parser.add_argument("--loco", action="store_true", help="leave one chromosome out")
    parser.add_argument("--workers", type=int, default=4, help="jobs, each of them one worker on one node")
    parser.add_argument("--cores", type=int, default=16, help="cores of a worker")
    parser.add_argument("--memory", default="64GB", help="memory of a worker")
    parser.add_argument("--walltime", default="08:00:00", help="longest time of a worker; 08:00 for LSF")
    parser.add_argument("--queue", help="queue or partition")
    parser.add_argument("--account", help="account or project")
    parser.add_argument("--interface", help="network interface of the nodes, such as ib0; see `ip link`")
    parser.add_argument(
        "--directive", action="append", default=[], help="a further line of the job's header; may be repeated"
    )
    parser.add_argument(
        "--eigen-worker", metavar="COMMAND", help="submits eigen-worker.sh; the scheduler's address is added"
    )
    parser.add_argument("--dry-run", action="store_true", help="print the script of a worker's job, and stop")
    return parser.parse_args()


def cluster(a: argparse.Namespace) -> Any:
    """A Dask scheduler in this process, whose workers are jobs."""
    import dask_jobqueue as jobqueue

    of_scheduler: dict[str, tuple[Any, dict[str, Any]]] = {
        "slurm": (jobqueue.SLURMCluster, {"account": a.account}),
        "pbs": (jobqueue.PBSCluster, {"account": a.account}),
        "lsf": (jobqueue.LSFCluster, {"project": a.account}),
        "sge": (jobqueue.SGECluster, {"project": a.account}),
    }
    kind, options = of_scheduler[a.scheduler]
    return kind(
        queue=a.queue,
        cores=a.cores,
        # One process with all cores: a second process on the same node would hold a second copy of every matrix.
        processes=1,
        memory=a.memory,
        walltime=a.walltime,
        interface=a.interface,
        job_extra_directives=a.directive,
        # A worker that does not reach this process for ten minutes ends, so that a lost client does not keep nodes.
        death_timeout=600,
        **{name: value for name, value in options.items() if value is not None},
    )


def wait_for_eigen_worker(client: Any) -> None:
    """Wait for the worker of the decomposition: a run begins only if a worker has the memory for it."""
    print("waiting for the worker with the resource jamma-eigen", flush=True)
    while True:
        workers = client.scheduler_info(n_workers=-1)["workers"].values()
        if any("jamma-eigen" in worker["resources"] for worker in workers):
            return
        time.sleep(5)


def main() -> None:
    """Start the workers, run the analysis, and give the nodes back."""
    a = arguments()
    with cluster(a) as workers:
        if a.dry_run:
            print(workers.job_script())
            return
        from dask.distributed import Client

        import jamma

        workers.scale(jobs=a.workers)
        with Client(workers) as client:
            print(f"dashboard: {client.dashboard_link}", flush=True)
            if a.eigen_worker:
                subprocess.run([*shlex.split(a.eigen_worker), workers.scheduler_address], check=True)
                wait_for_eigen_worker(client)
            client.wait_for_workers(1)
            result = jamma.run_lmm(a.bfile, traits=a.traits, loco=a.loco, out=a.out, cluster=client)
            print(result.report)


if __name__ == "__main__":
    main()
