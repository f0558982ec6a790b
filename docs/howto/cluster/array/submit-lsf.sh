#!/usr/bin/env bash
# Submits the four steps to LSF, each after the one before.
#
# usage: submit-lsf.sh [OPTIONS OF BSUB], such as -q long -P abc
# The memory is given per job in GB; some sites count it per core or in another unit (LSF_UNIT_FOR_LIMITS).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export JAMMA_SETTINGS=${JAMMA_SETTINGS:-$here/settings.sh}
# shellcheck source=settings.sh
source "$JAMMA_SETTINGS"
mkdir -p "$OUTDIR/logs"
options=("$@")

# submit STEP CORES GB MINUTES NAME [OPTIONS]
submit() {
  local step=$1 cores=$2 gigabytes=$3 minutes=$4 name=$5
  shift 5
  bsub -J "$name" -oo "$OUTDIR/logs/$step-%J_%I.log" -n "$cores" -R "span[hosts=1] rusage[mem=${gigabytes}GB]" \
    -M "${gigabytes}GB" -W "$minutes" "$@" "${options[@]}" bash "$here/$step.sh"
}

submit 1-kinship "$KINSHIP_CORES" "$KINSHIP_GB" "$KINSHIP_MINUTES" "$NAME-1[1-$PARTS]"
submit 2-decompose "$EIGEN_CORES" "$EIGEN_GB" "$EIGEN_MINUTES" "$NAME-2" -w "done($NAME-1)"
submit 3-test "$TEST_CORES" "$TEST_GB" "$TEST_MINUTES" "$NAME-3[1-$PARTS]" -w "done($NAME-2)"
submit 4-merge 1 8 60 "$NAME-4" -w "done($NAME-3)"
