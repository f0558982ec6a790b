# Settings of the job array: edit this file, or set the variables in the environment.
# Every other script of this folder reads it.
# shellcheck shell=bash
# shellcheck disable=SC2034 # the variables are those of the other scripts

# Prefix of the PLINK files, on a file system that all nodes share.
: "${BFILE:=/shared/study/genotypes}"
# Directory of all results, on the same file system, and the prefix of their names.
: "${OUTDIR:=/shared/study/results}"
: "${NAME:=height}"
# Number of parts. 2 to 4 times the number of nodes that you expect to get at once is a good start.
: "${PARTS:=32}"
# Options that decide who and what is analysed, such as --pheno FILE, --covar FILE or -maf 0.05. Every step needs the same.
STUDY=(-bfile "$BFILE")
# Options of the tests only.
TESTS=(-lmm 4)
# The program.
: "${JAMMA:=jamma}"

# Cores and memory (in GB) of a task of each step. `jamma cost` predicts them.
: "${KINSHIP_CORES:=16}" "${KINSHIP_GB:=64}"
: "${EIGEN_CORES:=32}" "${EIGEN_GB:=128}"
: "${TEST_CORES:=16}" "${TEST_GB:=64}"
# Longest time of a task in minutes.
: "${KINSHIP_MINUTES:=240}" "${EIGEN_MINUTES:=1440}" "${TEST_MINUTES:=480}"

# The files of the parts.
kinship_part() { echo "$OUTDIR/$NAME.kinship.part-$1-of-$PARTS.jammapart"; }
test_part() { echo "$OUTDIR/$NAME.part-$1-of-$PARTS.jammapart"; }

# The number of this task, from 1, as SLURM, PBS Professional, TORQUE, LSF, SGE or a Kubernetes Job give it.
task_number() {
  local number=${SLURM_ARRAY_TASK_ID:-${PBS_ARRAY_INDEX:-${PBS_ARRAYID:-${LSB_JOBINDEX:-${SGE_TASK_ID:-}}}}}
  if [ -z "$number" ] && [ -n "${JOB_COMPLETION_INDEX:-}" ]; then
    number=$((JOB_COMPLETION_INDEX + 1)) # Kubernetes counts from 0
  fi
  case $number in
    '' | 0 | *[!0-9]*) echo "this script is a task of a job array, and no variable has its number" >&2; return 1 ;;
    *) echo "$number" ;;
  esac
}

# The cores that the scheduler gave to this task. jamma reads SLURM_CPUS_PER_TASK by itself.
cores=${NCPUS:-${LSB_DJOB_NUMPROC:-${NSLOTS:-}}}
if [ -n "$cores" ]; then
  export OMP_NUM_THREADS=$cores
fi

# Stops if files of other settings have these names: the steps would take them for their own.
check_settings() {
  local known=$OUTDIR/$NAME.settings now new
  now=$(printf '%q ' "$PARTS" "${STUDY[@]}" : "${TESTS[@]}")
  mkdir -p "$OUTDIR"
  if [ ! -e "$known" ]; then
    # Many tasks may be here at the same time: each writes a file of its own, and the first one gets the name.
    new=$known.$$.$RANDOM
    echo "$now" >"$new"
    ln "$new" "$known" 2>/dev/null || [ -e "$known" ] || mv "$new" "$known" # a file system without links
    rm -f "$new"
  fi
  if [ "$(cat "$known")" != "$now" ]; then
    {
      echo "the settings are no longer those of the files in $OUTDIR:"
      echo "  before: $(cat "$known")"
      echo "  now:    $now"
      echo "Choose another NAME, or remove $known and the files of the other settings: $NAME.part-*, and, if PARTS or STUDY changed,"
      echo "also $NAME.kinship.part-*, $NAME.cXX.*, $NAME.eigenD.* and $NAME.eigenU.*."
    } >&2
    return 1
  fi
}
check_settings

# The numbers of the parts without a file, such as 3,7,8; $1 is kinship_part or test_part.
missing_parts() {
  local part list=
  for ((part = 1; part <= PARTS; part++)); do
    [ -e "$("$1" "$part")" ] || list+=${list:+,}$part
  done
  echo "$list"
}
