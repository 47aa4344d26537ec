//===- KernelsOfModule.cpp - the kernels of a module ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the front end tells of a source's kernels, told of a module's.

#include "KernelsOfModule.h"

#include "dialects/Tile/Tile.h"

using namespace mlir;
using namespace tilec;

static ParamInfo::Kind kindOf(tile::ParamKind kind) {
  switch (kind) {
  case tile::ParamKind::array:
    return ParamInfo::Kind::Array;
  case tile::ParamKind::inout:
    return ParamInfo::Kind::Inout;
  case tile::ParamKind::result:
    return ParamInfo::Kind::Result;
  case tile::ParamKind::scalar:
    return ParamInfo::Kind::Scalar;
  }
  llvm_unreachable("a parameter is of one of these kinds");
}

std::vector<KernelInfo> tilec::listKernels(ModuleOp module) {
  std::vector<KernelInfo> kernels;
  for (auto kernel : module.getOps<tile::KernelOp>()) {
    KernelInfo &info = kernels.emplace_back();
    info.name = kernel.getSymName().str();
    for (unsigned i = 0; i < kernel.getNumArguments(); ++i) {
      tile::ParamAttr attribute = kernel.getParam(i);
      ParamInfo &param = info.params.emplace_back();
      param.name = attribute.getName().str();
      param.kind = kindOf(attribute.getKind());
      param.type = attribute.getType().str();
    }
  }
  return kernels;
}
