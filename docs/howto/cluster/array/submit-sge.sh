#!/usr/bin/env bash
# Submits the four steps to SGE (Grid Engine and its descendants), each after the one before.
#
# usage: submit-sge.sh [OPTIONS OF QSUB], such as -q long.q -P abc
# PE is the parallel environment with all cores on one node (qconf -spl lists them). Most sites count h_vmem per core.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export JAMMA_SETTINGS=${JAMMA_SETTINGS:-$here/settings.sh}
# shellcheck source=settings.sh
source "$JAMMA_SETTINGS"
mkdir -p "$OUTDIR/logs"
options=("$@") environment=${PE:-smp}

# submit STEP CORES GB MINUTES [OPTIONS]: prints the number of the job. Grid Engine starts the next step when this one has
# ended, also if it failed; the next one then stops at the missing files.
submit() {
  local step=$1 cores=$2 gigabytes=$3 minutes=$4
  shift 4
  qsub -terse -V -S /bin/bash -N "j$step" -j y -o "$OUTDIR/logs/" -pe "$environment" "$cores" \
    -l "h_vmem=$(((gigabytes + cores - 1) / cores))G" -l "h_rt=$((minutes * 60))" "$@" "${options[@]}" "$here/$step.sh"
}
# 123.1-32:1 is the array 123.
number() { echo "${1%%.*}"; }

one=$(number "$(submit 1-kinship "$KINSHIP_CORES" "$KINSHIP_GB" "$KINSHIP_MINUTES" -t "1-$PARTS")")
two=$(number "$(submit 2-decompose "$EIGEN_CORES" "$EIGEN_GB" "$EIGEN_MINUTES" -hold_jid "$one")")
three=$(number "$(submit 3-test "$TEST_CORES" "$TEST_GB" "$TEST_MINUTES" -t "1-$PARTS" -hold_jid "$two")")
echo "the last job is $(submit 4-merge 1 8 60 -hold_jid "$three")"
