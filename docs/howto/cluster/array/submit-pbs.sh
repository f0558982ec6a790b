#!/usr/bin/env bash
# Submits the four steps to PBS Professional (or OpenPBS), each after the one before.
#
# usage: submit-pbs.sh [OPTIONS OF QSUB], such as -q long -A abc
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export JAMMA_SETTINGS=${JAMMA_SETTINGS:-$here/settings.sh}
# shellcheck source=settings.sh
source "$JAMMA_SETTINGS"
mkdir -p "$OUTDIR/logs"
options=("$@")

# submit STEP CORES GB MINUTES [OPTIONS]: prints the number of the job. -V passes the environment on.
submit() {
  local step=$1 cores=$2 gigabytes=$3 minutes=$4
  shift 4
  qsub -V -N "j$step" -j oe -o "$OUTDIR/logs/" -l "select=1:ncpus=$cores:mem=${gigabytes}gb" \
    -l "walltime=$((minutes / 60)):$((minutes % 60)):00" "$@" "${options[@]}" "$here/$step.sh"
}

one=$(submit 1-kinship "$KINSHIP_CORES" "$KINSHIP_GB" "$KINSHIP_MINUTES" -J "1-$PARTS")
two=$(submit 2-decompose "$EIGEN_CORES" "$EIGEN_GB" "$EIGEN_MINUTES" -W depend=afterok:"$one")
three=$(submit 3-test "$TEST_CORES" "$TEST_GB" "$TEST_MINUTES" -J "1-$PARTS" -W depend=afterok:"$two")
echo "the last job is $(submit 4-merge 1 8 60 -W depend=afterok:"$three")"
