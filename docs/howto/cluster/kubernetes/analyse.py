#!/usr/bin/env python3
"""Run an association analysis on the Dask cluster of cluster.yaml.

    python analyse.py tcp://jamma-scheduler:8786 /study/genotypes /study/results/height

Runs in a pod of the cluster with the image of the workers and the same volume: it reads the phenotypes and writes the
results, and its directory of results is shared with the workers.
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
