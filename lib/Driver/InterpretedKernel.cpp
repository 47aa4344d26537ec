//===- InterpretedKernel.cpp - kernels that the interpreter runs -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Checks arguments as compiled kernels do, with the same function, and hands
// what it found to the interpreter.

#include "InterpretedKernel.h"

#include "tilec/Interpreter/Interpreter.h"
#include "tilec/Target/CPU/Signature.h"

#include <cstring>
#include <vector>

using namespace mlir;
using namespace tilec;

namespace {
class InterpretedKernel : public CallableKernel {
public:
  InterpretedKernel(tile::KernelOp kernel, std::shared_ptr<void> owner, DescribeFailure describe, CheckOptions checks,
                    KernelSignature signature)
      : kernel(kernel), owner(std::move(owner)), describe(std::move(describe)), checks(std::move(checks)),
        signature(std::move(signature)) {
    std::vector<uint8_t> bytes = this->signature.serialize();
    descriptor.resize((bytes.size() + 7) / 8);
    std::memcpy(descriptor.data(), bytes.data(), bytes.size());
  }

  const KernelSignature &getSignature() const override { return signature; }
  llvm::Error call(llvm::ArrayRef<void *> args, const CallOptions &options) override;

private:
  tile::KernelOp kernel;
  std::shared_ptr<void> owner;
  DescribeFailure describe;
  CheckOptions checks;
  KernelSignature signature;
  std::vector<uint64_t> descriptor; ///< aligned to 8 bytes
};
} // namespace

llvm::Error InterpretedKernel::call(llvm::ArrayRef<void *> args, const CallOptions &) {
  if (args.size() != signature.params.size())
    return llvm::createStringError("kernel '" + signature.name + "' takes " + llvm::Twine(signature.params.size()) +
                                   " arguments, got " + llvm::Twine(args.size()));
  std::vector<int64_t> words(signature.numCallWords());
  int32_t status =
      tilec_check_args(reinterpret_cast<const TilecKernelDesc *>(descriptor.data()), args.data(), words.data());
  if (status != TILEC_OK)
    return llvm::createStringError(tilec_status_text(status));

  llvm::SmallVector<InterpreterArgument> arguments;
  const int64_t *word = words.data();
  for (auto [param, arg] : llvm::zip(signature.params, args)) {
    if (!param.isArray()) {
      uint64_t bits = 0;
      std::memcpy(&bits, arg, getSize(param.dtype));
      arguments.push_back(InterpreterArgument::scalar(bits));
      continue;
    }
    llvm::ArrayRef<int64_t> extents(word + 1, param.rank);
    llvm::ArrayRef<int64_t> strides(word + 1 + param.rank, param.rank);
    arguments.push_back(InterpreterArgument::array(reinterpret_cast<void *>(*word), extents, strides));
    word += 1 + 2 * param.rank;
  }

  std::string message;
  InterpreterOptions interpreterOptions;
  interpreterOptions.races = checks.races;
  interpreterOptions.onError = [&](const InterpreterError &error) {
    if (!message.empty())
      return;
    message = describe(error.location, "error", error.message);
    for (const InterpreterError::Note &note : error.notes)
      message += "\n" + describe(note.location, "note", note.message);
  };
  ScheduleOptions schedules{checks.schedules, checks.firstSchedule, checks.programOrder, checks.replay,
                            checks.onRemark};
  LogicalResult result = checks.schedules == 0 ? interpret(kernel, arguments, interpreterOptions)
                                               : interpretSchedules(kernel, arguments, interpreterOptions, schedules);
  if (failed(result))
    return llvm::createStringError(message.empty() ? "the interpreter failed without a reason" : message);
  return llvm::Error::success();
}

FailureOr<std::shared_ptr<CallableKernel>> tilec::makeInterpretedKernel(tile::KernelOp kernel,
                                                                        std::shared_ptr<void> owner,
                                                                        DescribeFailure describe,
                                                                        const CheckOptions &checks) {
  FailureOr<KernelSignature> signature = buildSignature(kernel);
  if (failed(signature))
    return failure();
  std::shared_ptr<CallableKernel> result =
      std::make_shared<InterpretedKernel>(kernel, std::move(owner), std::move(describe), checks, std::move(*signature));
  return result;
}
