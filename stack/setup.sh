#!/usr/bin/env bash
# Installs what Footfall needs: a Python environment in .venv and the JVM parts in .footfall/jars; those that are named
# besides (`setup.sh opensearch`) in folders of their own.
# Each step leaves a stamp of its inputs and is skipped while they have not changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly UV=uv==0.13.8
readonly JARS=.footfall/jars
readonly OPENSEARCH=.footfall/opensearch
readonly LOG=.footfall/setup.log
readonly LOCK=requirements/dev.txt
readonly PARTS=(schemas services/chassis health security services/generator services/alerting services/recommender services/dashboard services/exporter flink stack)

fail() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}

# The stack's settings say why.
check_place() {
  case $PWD/ in
    *[,:\;*?[\\]* | *!/*) fail "$PWD has one of , : ; * ? [ \\ in it, or a name that ends with !; Java or Kafka cannot read that: move it" ;;
  esac
}

# step NAME COMMAND...: runs the command, its output into the log; shows the name and the time it took.
step() {
  local name=$1 start=$SECONDS
  shift
  printf '  %-44s' "$name"
  if ! "$@" >>"$LOG" 2>&1; then
    printf 'failed; the end of %s:\n' "$LOG"
    tail -n 15 "$LOG" >&2
    exit 1
  fi
  printf '%4d s\n' $((SECONDS - start))
}

# The stamp of files is their checksum and the checkout's place, which the environment has inside.
stamp() {
  { pwd && cat "$@"; } | cksum
}

is_stamped() {
  [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]
}

right_python() {
  "$1" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null
}

find_python() {
  local candidate
  if [ -n "${PYTHON:-}" ]; then
    right_python "$PYTHON" || fail "PYTHON=$PYTHON is not Python 3.11 or 3.12"
    echo "$PYTHON"
    return
  fi
  for candidate in python3 python3.12 python3.11; do
    if right_python "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  fail "Python 3.11 or 3.12 is missing: \`sudo apt install python3.11-venv\` or \`brew install python@3.11\`" \
    "(or set PYTHON to one)"
}

make_environment() {
  local python
  python=$(find_python)
  "$python" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "$python cannot make environments: \`sudo apt install python3-venv\`"
  step "Python environment" "$python" -m venv --clear .venv
  step "uv" .venv/bin/python -m pip install --disable-pip-version-check --quiet "$UV"
}

# Syncing removes what is not in the lock, our own parts included, also those that have another name by now: they follow each time.
install_packages() {
  local packages
  packages=$(stamp "$LOCK" stack/setup.sh "${PARTS[@]/%//pyproject.toml}")
  right_python .venv/bin/python || make_environment
  is_stamped .venv/.packages-stamp "$packages" && return
  rm -f .venv/.packages-stamp
  step "Python packages (about 900 MB at first)" .venv/bin/uv pip sync --compile-bytecode --require-hashes "$LOCK"
  step "Footfall's own parts" .venv/bin/uv pip install --no-deps --no-build-isolation "${PARTS[@]/#/--editable=}"
  echo "$packages" >.venv/.packages-stamp
}

# The stack is asked, so that `footfall doctor` says the same.
check_java() {
  local python=.venv/bin/python answer
  right_python "$python" || python=$(find_python)
  answer=$(PYTHONPATH=stack:schemas "$python" -m footfall_stack.java 2>&1) || fail "$answer"
}

# Laid out beside the old ones and put in their place, so that no version is mixed with another.
install_jars() {
  local jars
  jars=$(stamp stack/pom.xml flink/connector/pom.xml $(find flink/connector/src/main -type f | sort))
  is_stamped "$JARS/.stamp" "$jars" && return
  command -v mvn >/dev/null || fail "Maven is missing: \`sudo apt install maven\` or \`brew install maven\`"
  rm -rf "$JARS.new" "$JARS.old"
  step "Kafka, registry, Flink connectors (300 MB)" \
    mvn --batch-mode --no-transfer-progress --file stack/pom.xml "-Djars=$PWD/$JARS.new" process-resources
  step "Footfall's Flink connector" \
    mvn --batch-mode --no-transfer-progress --file flink/connector/pom.xml "-Djars=$PWD/$JARS.new" package
  echo "$jars" >"$JARS.new/.stamp"
  [ ! -e "$JARS" ] || mv "$JARS" "$JARS.old"
  mv "$JARS.new" "$JARS"
  rm -rf "$JARS.old"
}

# Only when it is asked for.
install_opensearch() {
  local node
  node=$(stamp stack/opensearch/pom.xml stack/opensearch/src/main/java/io/footfall/opensearch/Node.java)
  is_stamped "$OPENSEARCH/.stamp" "$node" && return
  command -v mvn >/dev/null || fail "Maven is missing: \`sudo apt install maven\` or \`brew install maven\`"
  rm -rf "$OPENSEARCH"
  step "OpenSearch node (60 MB)" \
    mvn --batch-mode --no-transfer-progress --file stack/opensearch/pom.xml "-Djars=$PWD/$OPENSEARCH" package
  echo "$node" >"$OPENSEARCH/.stamp"
}

check_place
check_java
mkdir -p .footfall
: >"$LOG"
install_packages
install_jars
for part in "$@"; do
  # Other names are processes that need nothing more.
  [ "$part" != opensearch ] || install_opensearch
done
