#!/usr/bin/env bash
# Installs a tool that few need into an environment of its own, .footfall/NAME, from requirements/tools/NAME.txt.
#   stack/tools.sh bigquery-emulator
#   stack/tools.sh chdb
# Quick when nothing changed; a stamp of the lock says so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly NAME=${1:-}
readonly LOCK=requirements/tools/$NAME.txt
readonly PLACE=.footfall/$NAME
readonly STAMP=$PLACE/.stamp

if [ -z "$NAME" ] || [ ! -f "$LOCK" ]; then
  printf 'usage: stack/tools.sh NAME, one of:%s\n' "$(cd requirements/tools && printf ' %s' *.txt | sed 's/\.txt//g')" >&2
  exit 2
fi
[ -x .venv/bin/uv ] || {
  echo "tools: run \`make setup\` first" >&2
  exit 1
}

wanted=$({ pwd && cat "$LOCK" stack/tools.sh; } | cksum)
[ -f "$STAMP" ] && [ "$(cat "$STAMP")" = "$wanted" ] && exit 0
echo "installing $NAME into $PLACE"
rm -rf "$PLACE"
.venv/bin/python -m venv --without-pip "$PLACE"
.venv/bin/uv pip sync --quiet --python "$PLACE/bin/python" --require-hashes "$LOCK"
if [ "$NAME" = bigquery-emulator ]; then
  # DuckDB looks for its extensions in the home directory; the emulator is started with this one, too.
  HOME=$PWD/$PLACE "$PLACE/bin/python" -c "from duckdb_extensions import import_extension; import_extension('spatial')"
fi
echo "$wanted" >"$STAMP"
