#!/usr/bin/env bash
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# scripts/demo.sh
#
# The main job, from nothing: installs what is missing, builds the tools, then compiles the zoo's matmul and attention
# kernels and runs them on .npy files, checked against NumPy, with time and GFLOP/s. Ends with PASS or FAIL.
set -uo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

help_if_asked "$@"
step_failed() { echo "FAIL: $1"; }

step "install what is missing" bash "$ROOT/scripts/install_deps.sh"
step "build the tools" bash "$ROOT/scripts/build.sh" tile-cc tile-run
exec "$VENV/bin/python" "$ROOT/scripts/demo.py" --build "$BUILD"
