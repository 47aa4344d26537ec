//===- Differential.cpp - the CPU against the interpreter ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Differential.h"

#include "tilec/Interpreter/Interpreter.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"

#include <cmath>
#include <cstring>

using namespace tilec;
using namespace tilec::test;

std::string test::irType(DType type) {
  switch (type) {
  case DType::Bool:
  case DType::I8:
  case DType::U8:
    return "i8";
  case DType::I16:
  case DType::U16:
    return "i16";
  case DType::I32:
  case DType::U32:
    return "i32";
  case DType::I64:
  case DType::U64:
    return "i64";
  case DType::F16:
    return "f16";
  case DType::BF16:
    return "bf16";
  case DType::F32:
    return "f32";
  case DType::F64:
    return "f64";
  case DType::F8E4M3:
    return "f8E4M3FN";
  case DType::F8E5M2:
    return "f8E5M2";
  }
  return "?";
}

static std::string replaceAll(std::string text, const std::string &from, const std::string &to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

std::string test::elementwiseKernel(const std::vector<DType> &inputs, const std::vector<DType> &results,
                                    const std::string &body) {
  auto memref = [](DType type) { return "memref<?x?x" + irType(type) + ", strided<[?, 1]>>"; };
  auto param = [&](const std::string &name, DType type, const char *kind) {
    return "%" + name + ": " + memref(type) + " {tile.param = #tile.param<name = \"" + name + "\", kind = " + kind +
           ", type = \"" + std::string(getName(type)) + "\", dims = affine_map<()[s0, s1] -> (s0, s1)>>}";
  };
  std::string text = "tile.kernel @k(";
  for (size_t n = 0; n < inputs.size(); ++n)
    text += param("A" + std::to_string(n), inputs[n], "array") + ", ";
  for (size_t n = 0; n < results.size(); ++n)
    text += (n ? ", " : "") + param("R" + std::to_string(n), results[n], "result");
  text += ") attributes {symbols = [\"M\", \"N\"]} {\n  %c0 = arith.constant 0 : index\n  %c1 = arith.constant 1 : index\n";
  text += "  %M = memref.dim %A0, %c0 : " + memref(inputs[0]) + "\n  %N = memref.dim %A0, %c1 : " + memref(inputs[0]) +
          "\n  %si = tile.size \"i\" in \"grid#0\"\n  %sj = tile.size \"j\" in \"grid#0\"\n";
  text += "  %one = tile.range %c0 to %c1 size %c1 : !tile.range<1>\n";
  text += "  %g = tile.grid \"grid#0\" (%i \"i\" : !tile.range<?> = %c0 to %M step %si, "
          "%j \"j\" : !tile.range<?> = %c0 to %N step %sj) entry %e {\n";
  std::string access = "[!tile.range<?>, !tile.range<?>]";
  for (size_t n = 0; n < inputs.size(); ++n) {
    std::string number = std::to_string(n);
    text += "    %a" + number + ", %t" + number + " = tile.load %A" + number + "[%i, %j] : " + memref(inputs[n]) + access +
            " -> tensor<?x?x" + irType(inputs[n]) + ">\n";
  }
  text += body + "\n";
  for (size_t n = 0; n < results.size(); ++n) {
    std::string number = std::to_string(n);
    text += "    %u" + number + " = tile.store %r" + number + ", %R" + number + "[%i, %j] after (%e) : tensor<?x?x" +
            irType(results[n]) + ">, " + memref(results[n]) + access + "\n";
  }
  text += "    tile.yield %e : !tile.token\n  }\n  tile.return\n}\n";
  text = replaceAll(text, "T<", "tensor<?x?x");
  return replaceAll(replaceAll(text, "$i", "!tile.range<?>"), "$j", "!tile.range<?>");
}

void test::fillWild(Tensor &tensor, std::mt19937_64 &random) {
  size_t bytes = getSize(tensor.getDType());
  auto *memory = static_cast<char *>(tensor.getData());
  for (int64_t index = 0; index < tensor.getNumElements(); ++index) {
    uint64_t bits = random();
    if (tensor.getDType() == DType::Bool)
      bits &= 1;
    std::memcpy(memory + index * bytes, &bits, bytes);
    // Two of three floats of 32 and 64 bits are of ordinary size.
    double ordinary = (static_cast<double>(random() % 20001) - 10000) / (index % 2 ? 1000.0 : 100.0);
    if (index % 3 != 0 && tensor.getDType() == DType::F32)
      static_cast<float *>(tensor.getData())[index] = static_cast<float>(ordinary);
    if (index % 3 != 0 && tensor.getDType() == DType::F64)
      static_cast<double *>(tensor.getData())[index] = ordinary;
  }
}

/// The number of an element in the order of its type's numbers.
static int64_t rankOf(Tensor &tensor, int64_t index) {
  size_t bytes = getSize(tensor.getDType());
  int64_t bits = 0;
  std::memcpy(&bits, static_cast<char *>(tensor.getData()) + index * bytes, bytes);
  int64_t sign = int64_t(1) << (bytes * 8 - 1);
  return bits & sign ? -(bits & ~sign) : bits;
}

static void interpretOn(const std::string &text, std::vector<Tensor *> tensors,
                        const std::map<std::string, int64_t> &config) {
  mlir::DialectRegistry registry;
  registry.insert<tile::TileDialect, mlir::arith::ArithDialect, mlir::math::MathDialect, mlir::memref::MemRefDialect,
                  mlir::scf::SCFDialect>();
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  ASSERT_TRUE(module) << text;
  std::vector<InterpreterArgument> arguments;
  for (Tensor *tensor : tensors) {
    const std::vector<int64_t> &shape = tensor->getShape();
    std::vector<int64_t> strides(shape.size(), 1);
    for (size_t dim = shape.size(); dim-- > 1;)
      strides[dim - 1] = strides[dim] * shape[dim];
    arguments.push_back(InterpreterArgument::array(tensor->getData(), shape, strides));
  }
  InterpreterOptions options;
  for (const auto &[name, size] : config)
    options.config[name] = size;
  options.onError = [&](const InterpreterError &error) { ADD_FAILURE() << error.message << "\n" << text; };
  ASSERT_TRUE(mlir::succeeded(interpret(*module->getOps<tile::KernelOp>().begin(), arguments, options)));
}

void test::compareWithInterpreter(const std::string &text, const std::vector<DType> &inputs,
                                  const std::vector<DType> &results, std::vector<int64_t> shape, int64_t ulps,
                                  std::function<void(std::vector<Tensor> &)> prepare, bool contract) {
  std::map<std::string, int64_t> config = {{"i", 5}, {"j", 37}};
  std::mt19937_64 random(42);
  std::vector<Tensor> arrays, expected, actual;
  for (DType type : inputs) {
    arrays.push_back(tensor(type, shape));
    fillWild(arrays.back(), random);
  }
  if (prepare)
    prepare(arrays);
  std::vector<Tensor *> reference, run;
  for (Tensor &array : arrays)
    reference.push_back(&array);
  run = reference;
  for (DType type : results) {
    expected.push_back(tensor(type, shape));
    actual.push_back(tensor(type, shape));
  }
  for (size_t n = 0; n < results.size(); ++n) {
    reference.push_back(&expected[n]);
    run.push_back(&actual[n]);
  }
  interpretOn(text, reference, config);
  for (const std::string &arch : archs()) {
    Compiled kernel(text, config, arch, contract);
    ASSERT_TRUE(kernel.ok()) << kernel.diagnostics << text;
    std::vector<DLTensor> views;
    for (Tensor *array : run)
      views.push_back(array->getView());
    std::vector<void *> arguments;
    for (DLTensor &view : views)
      arguments.push_back(&view);
    ASSERT_EQ(kernel.call(arguments), "");
    for (size_t n = 0; n < results.size(); ++n)
      for (int64_t index = 0; index < expected[n].getNumElements(); ++index) {
        double want = expected[n].getAsDouble(index), got = actual[n].getAsDouble(index);
        bool isReal = isFloat(results[n]);
        if (isReal && std::isnan(want) && std::isnan(got))
          continue;
        int64_t apart = std::abs(rankOf(expected[n], index) - rankOf(actual[n], index));
        ASSERT_LE(isReal && std::isnan(want) == std::isnan(got) ? apart : (apart ? INT64_MAX : 0), ulps)
            << arch << ": result " << n << " at " << index << " is " << got << ", not " << want << ", for "
            << arrays[0].getAsDouble(index) << (arrays.size() > 1 ? ", " + std::to_string(arrays[1].getAsDouble(index)) : "")
            << "\n" << text;
      }
  }
}
