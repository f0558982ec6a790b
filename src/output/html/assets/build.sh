#!/usr/bin/env bash
# Builds echarts.min.js, the parts of ECharts that the report uses, from the packages of the npm registry.
#
#     bash src/output/html/assets/build.sh
#
# Needs npm, and nothing else. The packages are checked against the checksums below (those of the registry's own metadata),
# and the result against the committed file: it fails if they differ, unless the versions are changed on purpose (then run it with --new).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

declare -A checksums=(
  [echarts@6.1.0]=q0yaFPggC9FUdsWH4blavRWFmxdrIodbkoKNAjJudAI6CA9gNPxHtV2RcZNEepZVlk4yvBYkOkbk6HIVpIyHZA==
  [zrender@6.1.0]=oEGMDB6pOP2S6OwRR4PdVv610zrjnA3Bh+JnSG12fYJlBKjtNAoEb5fSUoCOOINlH96I2fU38/A2UpRKs67xYQ==
  [tslib@2.3.0]=N82ooyxVNm6h1riLCoyS9e3fuJ3AMG2zIZs2Gd1ATcSFjSA23Q0fzjjZeh0jbJvWVDZ0cJT8yaNNaaXHzueNjg==
  [esbuild@0.28.2]=HKVLS8dvII+xoKW9kmqxbRKrnWEXfJJr/FZhhJmiqIB0e053QNYFqOBouTMO/k5sID4MvCiUCvv8b9M4h32wIA==
)
for package in "${!checksums[@]}"; do
  found=$(openssl dgst -sha512 -binary "$(npm pack --silent "$package")" | base64 -w0)
  [[ $found == "${checksums[$package]}" ]] || { echo "$package has the checksum sha512-$found, expected sha512-${checksums[$package]}" >&2; exit 1; }
done
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --save-exact ./echarts-6.1.0.tgz ./zrender-6.1.0.tgz ./tslib-2.3.0.tgz ./esbuild-0.28.2.tgz
cp "$here/charts.js" .
npx esbuild charts.js --bundle --minify --format=iife --global-name=echarts --target=es2022 \
  --define:process.env.NODE_ENV='"production"' --legal-comments=none --log-level=warning --outfile=echarts.min.js
if [[ ${1:-} != --new ]] && ! cmp echarts.min.js "$here/echarts.min.js"; then
  echo "the bundle differs from the committed one" >&2
  exit 1
fi
cp echarts.min.js "$here/"
sha256sum "$here/echarts.min.js"
