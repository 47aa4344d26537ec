#!/usr/bin/env bash
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# scripts/build.sh [--preset NAME] [TARGET...]
#
# Configures and builds. The preset `release` (the default) builds into build/, every other one into build-NAME/
# (see CMakePresets.json). TILEC_BUILD_DIR overrides the folder, TILEC_JOBS the number of jobs.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

help_if_asked "$@"
preset=release
if [[ ${1:-} == --preset ]]; then
  [[ $# -ge 2 ]] || die "--preset needs a name"
  preset=$2
  shift 2
fi
if [[ $preset != release && -z ${TILEC_BUILD_DIR:-} ]]; then
  BUILD=$ROOT/build-$preset
fi
# Two compile jobs a core overlap badly with MLIR's headers; one a core is best.
jobs=${TILEC_JOBS:-$(nproc)}

mkdir -p "$BUILD"
cmake --preset "$preset" -S "$ROOT" -B "$BUILD" >"$BUILD/configure.log" 2>&1 || {
  cat "$BUILD/configure.log" >&2
  die "configuring failed"
}
cmake --build "$BUILD" --parallel "$jobs" ${1:+--target "$@"}
