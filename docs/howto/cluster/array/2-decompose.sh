#!/usr/bin/env bash
# Step 2, one job on the node with the most memory: the kinship from its parts, and its decomposition.
set -euo pipefail
# shellcheck source=settings.sh
source "${JAMMA_SETTINGS:?set it to the path of settings.sh}"
if [ -e "$OUTDIR/$NAME.eigenU.npy" ]; then
  echo "the decomposition is complete"
  exit 0
fi
parts=()
for ((part = 1; part <= PARTS; part++)); do
  parts+=("$(kinship_part "$part")")
done
"$JAMMA" gk --merge "${parts[@]}" -outdir "$OUTDIR" -o "$NAME" --format npy
"$JAMMA" eigen "${STUDY[@]}" -k "$OUTDIR/$NAME.cXX.npy" -outdir "$OUTDIR" -o "$NAME" --format npy
