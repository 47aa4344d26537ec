#!/usr/bin/env bash
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Installs what building and testing tilec needs on Debian 12, and nothing that is there already: the Debian packages
# below, and a Python environment in build/venv. With everything present it changes nothing and needs no network.
# Run by root it installs; run by anybody else it says what to install.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

PACKAGES=(
  libmlir-22-dev mlir-22-tools llvm-22-dev llvm-22-tools # IR, code generation, lit, FileCheck
  clang-22 lld-22 libclang-rt-22-dev clang-format-22     # compiler, linker, sanitizers and libFuzzer
  cmake ninja-build ccache                               # build
  libtbb-dev                                             # threads of the CPU runtime
  googletest                                             # unit tests (as sources)
  libbenchmark-dev                                       # benchmarks
  valgrind                                               # counts of instructions
  gdb                                                    # tests of source lines in compiled kernels
  zlib1g-dev                                             # named by LLVM's CMake package
  python3 python3-venv ca-certificates git               # test drivers
)

# present PACKAGE: true where dpkg knows it as installed.
present() {
  [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# with_retries COMMAND...: three tries, for mirrors that hiccup and for another apt that holds the list lock.
with_retries() {
  local try
  for try in 1 2 3; do
    "$@" && return 0
    say "try $try of 3 failed: $*"
    sleep $((try * 10))
  done
  return 1
}

install_packages() {
  command -v dpkg-query >/dev/null || die "this is not a Debian system; install by hand what $0 lists under PACKAGES"
  local missing=() package
  for package in "${PACKAGES[@]}"; do
    present "$package" || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    die "missing Debian packages; as root: apt-get update && apt-get install --no-install-recommends ${missing[*]}"
  fi
  say "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  local apt=(apt-get -q -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3)
  # A list that cannot be refreshed may still be good enough: the install decides.
  with_retries "${apt[@]}" update || say "the package lists could not be refreshed; going on with those at hand"
  with_retries "${apt[@]}" install -y --no-install-recommends "${missing[@]}" ||
    die "apt-get could not install: ${missing[*]} (LLVM 22 comes from bookworm-security: is it among the apt sources?)"
}

install_python() {
  local requirements=$ROOT/scripts/requirements.txt stamp=$VENV/requirements.installed
  cmp -s "$requirements" "$stamp" && "$VENV/bin/python" -c 'import numpy, ml_dtypes, pytest, xdist, psutil' 2>/dev/null && return 0
  say "preparing the Python environment build/venv"
  # An environment whose interpreter moved or vanished cannot be mended in place.
  /usr/bin/python3 -m venv --clear "$VENV" || die "python3 -m venv failed"
  with_retries "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements" ||
    die "pip could not install what scripts/requirements.txt lists"
  cp "$requirements" "$stamp"
}

install_packages
mkdir -p "$ROOT/build"
install_python
