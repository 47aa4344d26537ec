//===- KernelRun.h - runs kernels written as MLIR text ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// What the interpreter's tests share: a kernel from text, arrays of C++ elements as its arguments, and what a run
/// printed or failed with.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_TEST_UNIT_INTERPRETER_KERNELRUN_H
#define TILEC_TEST_UNIT_INTERPRETER_KERNELRUN_H

#include "tilec/Interpreter/Interpreter.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

#include <numeric>
#include <optional>

namespace tilec::test {

/// A compact array of `T`, row-major.
template <typename T>
struct Tensor {
  explicit Tensor(std::vector<int64_t> shape, T value = T()) : extents(shape), elements(count(shape), value) {}
  Tensor(std::vector<int64_t> shape, std::vector<T> values) : extents(shape), elements(values) {
    EXPECT_EQ(count(shape), static_cast<int64_t>(values.size()));
  }

  static int64_t count(const std::vector<int64_t> &shape) {
    return std::accumulate(shape.begin(), shape.end(), int64_t(1), std::multiplies<>());
  }

  /// As an argument of a call.
  operator InterpreterArgument() {
    std::vector<int64_t> strides(extents.size(), 1);
    for (size_t d = extents.size(); d-- > 1;)
      strides[d - 1] = strides[d] * extents[d];
    return InterpreterArgument::array(elements.data(), extents, strides);
  }

  T &operator[](size_t i) { return elements[i]; }

  std::vector<int64_t> extents;
  std::vector<T> elements;
};

/// What a run did.
struct Outcome {
  std::optional<InterpreterError> error;
  std::string printed;

  bool ok() const { return !error; }
  /// The error's message; empty without one.
  std::string message() const { return error ? error->message : ""; }
};

/// Owns a context and the module of a text.
class Program {
public:
  explicit Program(llvm::StringRef text) {
    mlir::DialectRegistry registry;
    registry.insert<tile::TileDialect, mlir::arith::ArithDialect, mlir::math::MathDialect, mlir::memref::MemRefDialect,
                    mlir::scf::SCFDialect, mlir::ub::UBDialect>();
    context.appendDialectRegistry(registry);
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    EXPECT_TRUE(module) << text.str();
  }

  tile::KernelOp kernel() { return module ? *module->getOps<tile::KernelOp>().begin() : tile::KernelOp(); }

  /// Runs the first kernel.
  Outcome run(std::vector<InterpreterArgument> arguments = {}, InterpreterOptions options = {}) {
    Outcome outcome;
    if (!module)
      return outcome;
    options.print = [&](llvm::StringRef line) { outcome.printed += line; };
    options.onError = [&](const InterpreterError &error) { outcome.error.emplace(error); };
    mlir::LogicalResult result = interpret(kernel(), arguments, options);
    EXPECT_EQ(succeeded(result), outcome.ok());
    return outcome;
  }

private:
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

/// The text of a kernel without parameters, with the constants %c0 .. %c8 in scope.
inline std::string kernelText(llvm::StringRef body) {
  std::string text = "tile.kernel @k() {\n";
  for (int i = 0; i <= 8; ++i)
    text += "  %c" + std::to_string(i) + " = arith.constant " + std::to_string(i) + " : index\n";
  return text + body.str() + "\n  tile.return\n}\n";
}

/// What `body` prints, or the error that it ends with, in brackets.
inline std::string runBody(llvm::StringRef body, InterpreterOptions options = {}) {
  Outcome outcome = Program(kernelText(body)).run({}, options);
  return outcome.ok() ? outcome.printed : "[" + outcome.message() + "]";
}

} // namespace tilec::test

#endif // TILEC_TEST_UNIT_INTERPRETER_KERNELRUN_H
