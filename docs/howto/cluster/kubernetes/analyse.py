#!/usr/bin/env python3
"""Run an association analysis on the Dask cluster of cluster.yaml.

    python analyse.py tcp://jamma-scheduler:8786 /study/genotypes /study/results/height

Runs in the cluster (as a Job, or in a notebook there) with the image of the workers. From outside, forward the port first:
kubectl port-forward service/jamma-scheduler 8786, and use tcp://localhost:8786. The results are written where this program
runs; the genotypes are read where the workers run.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Connect to the scheduler, and run the analysis."""
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    from dask.distributed import Client

    import jamma

    address, bfile, out = sys.argv[1:]
    with Client(address) as client:
        # The rest of the workers may join later.
        client.wait_for_workers(1)
        print(jamma.run_lmm(bfile, out=out, cluster=client).report)


if __name__ == "__main__":
    main()
