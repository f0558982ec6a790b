#!/usr/bin/env bash
# Step 3, a task of a job array: the tests of one part of the SNPs.
set -euo pipefail
# shellcheck source=settings.sh
source "${JAMMA_SETTINGS:?set it to the path of settings.sh}"
part=$(task_number)
if [ -e "$(test_part "$part")" ]; then
  echo "part $part is complete"
  exit 0
fi
exec "$JAMMA" lmm "${STUDY[@]}" "${TESTS[@]}" -d "$OUTDIR/$NAME.eigenD.npy" -u "$OUTDIR/$NAME.eigenU.npy" \
  --part "$part/$PARTS" -outdir "$OUTDIR" -o "$NAME"
