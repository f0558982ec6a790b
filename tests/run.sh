#!/usr/bin/env bash
# Installs what the tests need and runs them all. Needs a Rust toolchain and Python 3.11 or newer.
#
# The gemma program (live comparison) comes from the system's packages where apt-get is there and allowed; NumPy and
# SciPy (the dense oracle) go into an environment of their own under the cache. Where something cannot be installed the
# tests that need it say so and are skipped. JAMMA_CACHE moves the cache, which is outside the checkout.
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${JAMMA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/jamma}
mkdir -p "$cache"

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo -n "$@"; else return 1; fi; }
if ! command -v gemma >/dev/null || ! command -v plink1.9 >/dev/null; then
  if command -v apt-get >/dev/null; then
    { as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq gemma plink1.9; } >"$cache/apt.log" 2>&1 \
      || echo "note: gemma and plink1.9 could not be installed (see $cache/apt.log); the live comparisons are skipped"
  fi
fi

venv=$cache/venv
has_oracle() { "$venv/bin/python" -c 'import numpy, scipy' 2>/dev/null; }
if ! has_oracle; then
  rm -rf "$venv"
  { python3 -m venv "$venv" && "$venv/bin/pip" install -q numpy scipy; } >"$cache/pip.log" 2>&1 \
    || echo "note: NumPy and SciPy could not be installed (see $cache/pip.log); the check of the oracle is skipped"
fi

# The build cache stays outside the checkout, so that a fresh clone need not compile the dependencies again.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}

echo "== format and lints"
cargo fmt --check
cargo clippy --release --locked --all-targets --quiet -- -D warnings

echo "== Rust tests"
cargo test --release --locked

echo "== the bundled GEMMA outputs against the dense oracle"
if has_oracle; then "$venv/bin/python" reference/check.py; else echo "skipped: no NumPy and SciPy"; fi

echo "== all tests passed"
