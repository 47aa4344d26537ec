#!/usr/bin/env bash
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# scripts/compile_planted_bugs.sh [PROGRAM.cu...]
#
# Compiles the CUDA programs of test/sim/bugs (or those named, files of that folder) to the .ptx files that are committed
# beside them, with lines of the source. Needs nvcc 13. For sm_80, but where a program has a line "// Arch: sm_NN".
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
help_if_asked "$@"
command -v nvcc >/dev/null || die "there is no nvcc here; the CUDA toolkit 13 has it"
cd "$ROOT/test/sim/bugs"
(($#)) || set -- *.cu
for program in "$@"; do
  arch=$(sed -n 's|^// Arch: ||p' "$program")
  # Comments name the compiler's build, and .file the folders of this machine.
  nvcc -ptx -std=c++17 -lineinfo -arch="${arch:-sm_80}" "$program" -o - | grep -v '^//' |
    sed 's|\.file\(.*\)"[^"]*/|.file\1"|' >"${program%.cu}.ptx"
  say "${program%.cu}.ptx"
done
