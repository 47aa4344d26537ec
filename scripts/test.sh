#!/usr/bin/env bash
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# scripts/test.sh [--full] [--seed N] [--suite NAME]...
#
# Installs what is missing, builds, and runs every test (or the suites named). --full runs the long versions. The seed
# of all sampling is printed; --seed repeats a run. The last line is `N passed, N failed`. See scripts/run_tests.py.
set -uo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

help_if_asked "$@"
step_failed() {
  printf 'error: "%s" failed, so no test was run\n' "$1" >&2
  echo "0 passed, 1 failed"
}

step "install what is missing" bash "$ROOT/scripts/install_deps.sh"
step "build" bash "$ROOT/scripts/build.sh"
exec "$VENV/bin/python" "$ROOT/scripts/run_tests.py" --build "$BUILD" "$@"
