#!/usr/bin/env bash
# Step 4, one small job: the table of results from its parts.
set -euo pipefail
# shellcheck source=settings.sh
source "${JAMMA_SETTINGS:?set it to the path of settings.sh}"
parts=()
for ((part = 1; part <= PARTS; part++)); do
  parts+=("$(test_part "$part")")
done
exec "$JAMMA" merge "${parts[@]}" -outdir "$OUTDIR" -o "$NAME"
