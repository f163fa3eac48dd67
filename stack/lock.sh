#!/usr/bin/env bash
# Writes requirements/*.txt anew from the .in files: first everything together, then each part under that constraint. Tools that
# have an environment of their own are resolved by themselves.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

compile() {
  .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
    "requirements/$1.in" --output-file "requirements/$1.txt" "${@:2}"
}

compile all
for part in dev analytics analytics-arm64 generator alerting recommender dashboard exporter; do
  compile "$part" --constraint requirements/all.txt
done
for tool in requirements/tools/*.in; do
  compile "tools/$(basename "$tool" .in)"
done
