#!/usr/bin/env bash
# Submits the four steps to SLURM, each after the one before. Run it again after a failure: it submits only what is missing.
#
# usage: submit-slurm.sh [OPTIONS OF SBATCH], such as --partition=long --account=abc
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export JAMMA_SETTINGS=${JAMMA_SETTINGS:-$here/settings.sh}
# shellcheck source=settings.sh
source "$JAMMA_SETTINGS"
mkdir -p "$OUTDIR/logs"

# submit STEP CORES GB MINUTES [OPTIONS]: prints the number of the job.
submit() {
  local step=$1 cores=$2 gigabytes=$3 minutes=$4
  shift 4
  sbatch --parsable --export=ALL --job-name="$NAME-$step" --output="$OUTDIR/logs/$step-%A_%a.log" \
    --nodes=1 --ntasks=1 --cpus-per-task="$cores" --mem="${gigabytes}G" --time="$minutes" \
    "${after[@]}" "$@" "${options[@]}" "$here/$step.sh"
}
options=("$@") after=()
# The next steps start when this job has succeeded; if it fails, SLURM removes them.
then_after() { after=(--dependency="afterok:$1" --kill-on-invalid-dep=yes); }

kinship=$(missing_parts kinship_part)
decomposition=$([ -e "$OUTDIR/$NAME.eigenU.npy" ] || echo missing)
if [ -n "$decomposition" ]; then
  if [ -n "$kinship" ]; then
    then_after "$(submit 1-kinship "$KINSHIP_CORES" "$KINSHIP_GB" "$KINSHIP_MINUTES" --array="$kinship")"
  fi
  then_after "$(submit 2-decompose "$EIGEN_CORES" "$EIGEN_GB" "$EIGEN_MINUTES")"
fi
tests=$(missing_parts test_part)
if [ -n "$tests" ]; then
  then_after "$(submit 3-test "$TEST_CORES" "$TEST_GB" "$TEST_MINUTES" --array="$tests")"
fi
echo "the last job is $(submit 4-merge 1 8 60)"
