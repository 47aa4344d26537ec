#!/usr/bin/env bash
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# scripts/compile_sim_programs.sh [PROGRAM.cu...]
#
# Compiles the CUDA programs of test/sim (or those named) to the .ptx files that are committed beside them, which are what
# tests run: these need no CUDA. Needs nvcc 13. Each program is compiled for sm_75, sm_80 and sm_89.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
help_if_asked "$@"
command -v nvcc >/dev/null || die "there is no nvcc here; the CUDA toolkit 13 has it"
cd "$ROOT/test/sim"
(($#)) || set -- *.cu
for program in "$@"; do
  # Matrix instructions of bytes and doubles, and asynchronous copies, began with sm_80.
  for arch in sm_75 sm_80 sm_89; do
    [[ $program != basics.cu && $arch == sm_75 ]] && continue
    # Comments name the compiler's build, and .file the folders of this machine.
    nvcc -ptx -std=c++17 -lineinfo -arch="$arch" "$program" -o - | grep -v '^//' | sed 's|\.file\(.*\)"[^"]*/|.file\1"|' >"${program%.cu}.$arch.ptx"
    say "${program%.cu}.$arch.ptx"
  done
done
