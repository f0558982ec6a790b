#!/usr/bin/env bash
# Step 1, a task of a job array: the kinship sum of one part of the SNPs.
set -euo pipefail
# shellcheck source=settings.sh
source "${JAMMA_SETTINGS:?set it to the path of settings.sh}"
part=$(task_number)
# A part is renamed to its name when it is complete, so a task that is started again has nothing to do.
if [ -e "$(kinship_part "$part")" ]; then
  echo "part $part is complete"
  exit 0
fi
exec "$JAMMA" gk "${STUDY[@]}" --part "$part/$PARTS" -outdir "$OUTDIR" -o "$NAME.kinship"
