# syntax=docker/dockerfile:1
# Two images, both started with the arguments of jamma:
#   docker build --target jamma -t jamma .                      the executable (the default)
#   docker build --target python -t jamma-python .              the Python package with its command, and the figures
#   docker run --rm -v "$PWD:/data" --user "$(id -u):$(id -g)" jamma lmm -bfile d -o r
ARG RUST=1.91
ARG DEBIAN=bookworm

FROM rust:${RUST}-slim-${DEBIAN} AS source
# For the libraries in C and C++ (SQLite, zstd, blosc, snappy).
RUN apt-get update \
    && apt-get install -y --no-install-recommends g++ \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY Cargo.toml Cargo.lock ./
COPY src src
# Cargo.toml names the benchmarks and the tests; they are not built.
COPY benches benches
COPY tests/suite/main.rs tests/suite/main.rs
COPY reference/data/demo.bed reference/data/demo.bim reference/data/demo.fam reference/data/

FROM source AS executable
# The caches of downloaded and compiled dependencies are not part of an image. no-python.txt: see packaging/README.md.
COPY packaging/no-python.txt packaging/no-python.txt
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/build/target,id=executable \
    export PYO3_CONFIG_FILE=/build/packaging/no-python.txt \
    && cargo build --release --locked --bin jamma && install -D -s target/release/jamma /out/jamma

FROM source AS wheel
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-pip python3-venv \
    && rm -rf /var/lib/apt/lists/* \
    && python3 -m venv /opt/maturin \
    && /opt/maturin/bin/pip install --no-cache-dir 'maturin>=1.9.4,<2'
COPY pyproject.toml README.md LICENSE ./
COPY python python
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/build/target,id=wheel \
    /opt/maturin/bin/maturin build --release --locked --compatibility linux --out /out

FROM python:3.12-slim-${DEBIAN} AS python
RUN --mount=type=bind,from=wheel,source=/out,target=/wheels \
    pip install --no-cache-dir "$(echo /wheels/*.whl)[plot]" \
    && useradd --uid 10001 --create-home jamma \
    && install -d -o jamma -g jamma /data
LABEL org.opencontainers.image.title="jamma, Python package" \
      org.opencontainers.image.description="Exact genome-wide association with linear mixed models" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
ENV MPLCONFIGDIR=/tmp/matplotlib
USER 10001
WORKDIR /data
ENTRYPOINT ["jamma"]
CMD ["--help"]

FROM debian:${DEBIAN}-slim AS jamma
# Certificates for genotypes at https:// and s3:// addresses; the library of C++.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libstdc++6 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home jamma \
    && install -d -o jamma -g jamma /data
COPY --from=executable /out/jamma /usr/local/bin/jamma
LABEL org.opencontainers.image.title="jamma" \
      org.opencontainers.image.description="Exact genome-wide association with linear mixed models" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
USER 10001
WORKDIR /data
ENTRYPOINT ["jamma"]
CMD ["--help"]
