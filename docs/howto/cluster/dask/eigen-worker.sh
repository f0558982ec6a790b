#!/usr/bin/env bash
# A Dask worker on a node with much memory, for decompositions. analyse.py submits it (--eigen-worker) with the address of
# its scheduler; --cpus-per-task and --mem are options of that command.
#SBATCH --job-name=jamma-eigen
#SBATCH --nodes=1
#SBATCH --ntasks=1
set -euo pipefail
address=${1:?usage: eigen-worker.sh tcp://HOST:PORT}
cores=${SLURM_CPUS_PER_TASK:-${NCPUS:-${LSB_DJOB_NUMPROC:-${NSLOTS:-$(nproc)}}}}
# SLURM gives the memory in MiB; `auto` asks the operating system for the limit of this job.
memory=${SLURM_MEM_PER_NODE:+${SLURM_MEM_PER_NODE}MiB}
# A worker that does not reach the scheduler for ten minutes ends.
exec dask worker "$address" --nworkers 1 --nthreads "$cores" --memory-limit "${memory:-auto}" \
  --resources "jamma-eigen=1" --death-timeout 600
