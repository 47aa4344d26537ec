# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# What the other shell scripts share: where things are, and how to speak. Sourced, not run.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=${TILEC_BUILD_DIR:-$ROOT/build}
VENV=$ROOT/build/venv
LLVM_DIR=/usr/lib/llvm-22

# say TEXT: one progress line on stdout.
say() { printf '== %s\n' "$*"; }

# die TEXT: one line on stderr, and out.
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# help_if_asked "$@": prints the script's own head comment, from its synopsis on, and ends it, for -h and --help.
help_if_asked() {
  case ${1:-} in
  -h | --help)
    sed -n '5,8s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
  esac
}

# step NAME COMMAND...: a step without which the script cannot go on; where it fails, step_failed NAME has the last word.
step() {
  local name=$1
  shift
  say "$name"
  "$@" && return 0
  step_failed "$name"
  exit 1
}
