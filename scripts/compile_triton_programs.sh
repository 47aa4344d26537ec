#!/usr/bin/env bash
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# scripts/compile_triton_programs.sh [--to=DIR] [NAME...]
#
# Compiles the Triton kernels of test/sim/triton (or the variants named) to the .ptx files that are committed beside them,
# which are what tests run: these need no Triton. Installs it, from PyPI, into build/triton-venv; needs no GPU.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
help_if_asked "$@"
venv=$BUILD/triton-venv
if [[ ! -x $venv/bin/python ]] || ! cmp -s "$ROOT/scripts/requirements-triton.txt" "$venv/requirements.installed"; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --requirement "$ROOT/scripts/requirements-triton.txt"
  cp "$ROOT/scripts/requirements-triton.txt" "$venv/requirements.installed"
fi
exec "$venv/bin/python" -B "$ROOT/test/sim/triton/compile.py" "$@"
