#!/usr/bin/env bash
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# scripts/compile_sim_programs.sh [--to=DIR] [--compiler=nvcc|clang] [--arch=sm_NN] [PROGRAM.cu...]
#
# Compiles the CUDA programs of test/sim (or those named) to the .ptx files that are committed beside them, which are what
# tests run: these need no CUDA. Needs nvcc 13, and clang++-22, which takes the toolkit's headers.
#
# A program is compiled by both, for sm_75, sm_80 and sm_89, unless it has a line
#
#   // compile: [sm_80|sm_89] [nvcc|clang] [library] [lineinfo]
#
# which names the lowest architecture, the only compiler, that the PTX holds a library's code (it is not committed then, and
# compiled only when named), and that it has a table of lines. In test/sim/programs, a file that differs from that of the next
# lower architecture in nothing but its .target is not kept. With --to, a program is compiled into a folder.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
help_if_asked "$@"
to= only= archs="sm_75 sm_80 sm_89"
while (($#)); do
  case $1 in
  --to=*) to=$(realpath "${1#*=}") ;;
  --compiler=*) only=${1#*=} ;;
  --arch=*) archs=${1#*=} ;;
  -*) die "unknown option '$1'" ;;
  *) break ;;
  esac
  shift
done
command -v nvcc >/dev/null || die "there is no nvcc here; the CUDA toolkit 13 has it"
# Where the toolkit is, which nvcc knows even where it is called by another name.
cuda=$(realpath "$(nvcc --dryrun -x cu /dev/null 2>&1 | sed -n 's/^#\$ TOP=//p')")
everything=
if (($# == 0)); then
  everything=1
  cd "$ROOT/test/sim"
  set -- *.cu programs/*/*.cu
fi

# Comments name the compiler's build, and .file the folders of this machine, with times and sizes.
clean() {
  grep -v '^//' | sed -E 's|[[:space:]]*//.*$||; s|(\.file[^"]*").*/([^"]*").*|\1\2|' | cat -s
}

# compile COMPILER ARCH FILE [lineinfo]: PTX on standard output.
compile() {
  local lines=${4:-}
  if [[ $1 == nvcc ]]; then
    nvcc -ptx -std=c++17 ${lines:+-lineinfo} -arch="$2" "$3" -o -
  else
    # LLVM 22 knows CUDA up to 12.9, and takes the headers of 13 all the same.
    clang++-22 -x cuda --cuda-device-only -S -O2 -std=c++17 ${lines:+-gline-tables-only} --cuda-gpu-arch="$2" \
      --cuda-path="$cuda" -Wno-unknown-cuda-version "$3" -o -
  fi
}

for program in "$@"; do
  words=" $(sed -n 's|^// compile:||p' "$program") " base=${program%.cu} lines= compilers="nvcc clang" lowest=sm_75
  [[ $words == *" library "* && $everything ]] && continue
  for word in $words; do
    case $word in
    sm_*) lowest=$word ;;
    nvcc | clang) compilers=$word ;;
    lineinfo) lines=1 ;;
    esac
  done
  [[ $to ]] && base=$to/$(basename "$base")
  for compiler in ${only:-$compilers}; do
    suffix= kept=
    [[ $compiler == nvcc ]] || suffix=.$compiler
    for arch in $archs; do
      [[ $arch < $lowest ]] && continue
      file=$base$suffix.$arch.ptx
      compile "$compiler" "$arch" "$program" "$lines" | clean >"$file" || {
        rm "$file"
        die "$compiler does not compile $program for $arch"
      }
      if [[ $kept && $(realpath "$program") == */programs/* ]] &&
        cmp -s <(sed 's/^\.target .*//' "$kept") <(sed 's/^\.target .*//' "$file"); then
        rm "$file"
        continue
      fi
      kept=$file
      say "$file"
    done
  done
done
