#!/usr/bin/env bash
# Installs what the tests need and runs them all. Needs a Rust toolchain and Python 3.11 or newer.
#
# Everything works without root. The programs gemma, plink1.9, plink2, bcftools and tabix (live comparisons) are system packages: they are installed with
# apt-get if this is root or sudo needs no password, and announced before. NumPy, SciPy, JAX and the other requirements of the
# Python tests go into an environment of their own in the cache. If something cannot be installed, a note says so and the
# tests that need it are skipped. JAMMA_CACHE moves the cache, which is outside the checkout.
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${JAMMA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/jamma}
mkdir -p "$cache"

install_system_packages() {
  local missing=() as_root=()
  local program skipped="the live comparisons are skipped"
  for program in gemma plink1.9 plink2 bcftools tabix; do
    command -v "$program" >/dev/null || missing+=("$program")
  done
  if [ ${#missing[@]} = 0 ]; then return; fi
  if ! command -v apt-get >/dev/null; then
    echo "note: not installed: ${missing[*]}, and there is no apt-get; $skipped"
    return
  fi
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "note: not installed: ${missing[*]}, and installing needs root; $skipped"
      return
    fi
    as_root=(sudo -n) # fails instead of asking for a password
  fi
  echo "== installing system packages: ${as_root[*]:+${as_root[*]} }apt-get install ${missing[*]}"
  { "${as_root[@]}" apt-get update -qq \
      && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}"; } </dev/null >"$cache/apt.log" 2>&1 \
    || echo "note: could not be installed: ${missing[*]} (see $cache/apt.log); $skipped"
}
install_system_packages

venv=$cache/venv
python=$venv/bin/python
# Requirements as listed in pyproject.toml, so that nothing is listed twice.
requirements() {
  "$python" - "$@" <<'END'
import sys, tomllib
project = tomllib.load(open("pyproject.toml", "rb"))["project"]
for part in sys.argv[1:]:
    print(*(project["dependencies"] if part == "." else project["optional-dependencies"][part]), sep="\n")
END
}
has() { "$python" -c "import ${1//-/_}" 2>/dev/null; }
has_oracle() { has "numpy, scipy"; }
has_python_tests() { has "numpy, scipy, polars, pandas, pytest, maturin"; }
if ! has_python_tests || ! cmp -s pyproject.toml "$cache/pyproject.toml"; then
  has pip || { rm -rf "$venv" && python3 -m venv "$venv" >"$cache/pip.log" 2>&1; } || true
  if { "$venv/bin/pip" install -q numpy scipy && requirements . test plot >"$cache/requirements.txt" \
       && "$venv/bin/pip" install -q 'maturin>=1.9.4,<2' -r "$cache/requirements.txt"; } >>"$cache/pip.log" 2>&1; then
    { requirements jax >"$cache/jax.txt" && "$venv/bin/pip" install -q -r "$cache/jax.txt"; } >>"$cache/pip.log" 2>&1 \
      || echo "note: JAX could not be installed (see $cache/pip.log); the tests of its backend are skipped"
    { requirements docs >"$cache/docs.txt" && "$venv/bin/pip" install -q -r "$cache/docs.txt"; } >>"$cache/pip.log" 2>&1 \
      || echo "note: MkDocs could not be installed (see $cache/pip.log); the documentation site is not built"
    cp pyproject.toml "$cache/pyproject.toml"
  else
    echo "note: the Python packages could not be installed (see $cache/pip.log); the tests that need them are skipped"
  fi
fi

# The build cache stays outside the checkout, so that a fresh clone need not compile the dependencies again.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}

echo "== format and lints"
cargo fmt --check
cargo clippy --release --locked --all-targets --features python --quiet -- -D warnings

echo "== Rust tests"
cargo test --release --locked

echo "== the bundled GEMMA outputs against the dense oracle"
if has_oracle; then "$python" reference/check.py; else echo "skipped: no NumPy and SciPy"; fi

echo "== the Python package"
if has_python_tests; then
  # The wheel is tested, not the checkout; its dependencies are installed already.
  wheels=$(mktemp -d)
  trap 'rm -rf "$wheels"' EXIT
  "$venv/bin/maturin" build --release --locked --quiet --interpreter "$python" --out "$wheels"
  # Before it was named jamma-gwas the distribution was jamma; a cached environment may still have that one.
  "$venv/bin/pip" uninstall -q -y jamma 2>/dev/null
  "$venv/bin/pip" install -q --no-deps --force-reinstall "$wheels"/jamma_gwas-*.whl
  "$venv/bin/ruff" check --quiet .
  "$venv/bin/ruff" format --check --quiet .
  "$venv/bin/mypy"
  (cd "$wheels" && "$python" -m mypy.stubtest jamma._core)
  "$python" -m pytest -q
else
  echo "skipped: its test requirements are not installed"
fi

echo "== the documentation site"
if has "mkdocs, material, latex2mathml"; then
  # Unknown links, headings and pages outside the navigation are errors.
  NO_MKDOCS_2_WARNING=1 "$venv/bin/mkdocs" build --strict --quiet --site-dir "$cache/site"
else
  echo "skipped: MkDocs is not installed"
fi

echo "== all tests passed"
