//===- Schedules.cpp - several legal orders, one result ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Runs a kernel in several orders, each from the same arrays, and compares what they leave in them and what they
/// print.
///
/// Results agree bit for bit, except sums that atomics make of floats. Such a sum of x_0 (the element before), x_1 ..
/// x_n is, in any order, within g_n S of the exact one, where S is the sum of all |x_i| and g_n = n u / (1 - n u) for
/// the unit roundoff u of its type (N. Higham, Accuracy and Stability of Numerical Algorithms, section 4.2; additions
/// have no error below the normal numbers). So two orders are within 2 g_n S of one another.
//
//===----------------------------------------------------------------------===//
#include "ElementFormats.h"
#include "NumpyFormat.h"
#include "Run.h"
#include "Tile.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <cstring>

using namespace mlir;
using namespace tilec;
using namespace tilec::interpreter;

namespace {
/// What a run left behind.
struct Outcome {
  /// "program order" or "schedule 7", and how to get it.
  std::string name, replay;
  /// By parameter, the bits of the elements in row-major order; empty for what is not written.
  std::vector<std::vector<uint64_t>> arrays;
  /// What was printed, in order.
  std::vector<std::string> prints;
  RunRecord record;
};

class Comparison {
public:
  Comparison(tile::KernelOp kernel, ArrayRef<InterpreterArgument> arguments, const InterpreterOptions &options,
             const ScheduleOptions &schedules)
      : kernel(kernel), arguments(arguments), options(options), schedules(schedules) {}
  LogicalResult run();

private:
  LogicalResult runOnce(std::optional<uint64_t> schedule, Outcome &outcome);
  std::vector<std::vector<uint64_t>> save();
  void restore(const std::vector<std::vector<uint64_t>> &saved);
  LogicalResult compare(const Outcome &first, const Outcome &second);
  LogicalResult compareArrays(unsigned param, const Outcome &first, const Outcome &second);
  LogicalResult comparePrints(const Outcome &first, const Outcome &second);
  LogicalResult fail(const Twine &message, const Outcome &other);
  std::string elementText(unsigned param, uint64_t bits);

  tile::KernelOp kernel;
  ArrayRef<InterpreterArgument> arguments;
  const InterpreterOptions &options;
  const ScheduleOptions &schedules;
  /// The largest difference that rounding explains, and where it is.
  double largestDifference = 0;
  std::string largestPlace;
};
} // namespace

//===----------------------------------------------------------------------===//
// runs
//===----------------------------------------------------------------------===//

static unsigned elementBytes(Type array) {
  return llvm::divideCeil(elementWidth(cast<MemRefType>(array).getElementType()), 8);
}

/// Calls `function(address)` for every element of an array, in row-major order.
template <typename Function>
static void forEachElement(const InterpreterArgument &argument, unsigned bytes, Function function) {
  for (Odometer index(argument.extents); index; ++index)
    function(static_cast<char *>(argument.data) + linearIndex(*index, argument.strides) * static_cast<int64_t>(bytes));
}

/// Whether an argument that fits its parameter is an array that the kernel writes.
static bool isWritten(tile::KernelOp kernel, unsigned param, const InterpreterArgument &argument) {
  return argument.isArray && kernel.getParam(param).getKind() != tile::ParamKind::array;
}

std::vector<std::vector<uint64_t>> Comparison::save() {
  std::vector<std::vector<uint64_t>> saved(arguments.size());
  for (auto [param, argument] : llvm::enumerate(arguments)) {
    if (!isWritten(kernel, param, argument))
      continue;
    unsigned bytes = elementBytes(kernel.getArgumentTypes()[param]);
    forEachElement(argument, bytes,
                   [&](const char *address) { std::memcpy(&saved[param].emplace_back(0), address, bytes); });
  }
  return saved;
}

void Comparison::restore(const std::vector<std::vector<uint64_t>> &saved) {
  for (auto [param, argument] : llvm::enumerate(arguments)) {
    if (!isWritten(kernel, param, argument))
      continue;
    unsigned bytes = elementBytes(kernel.getArgumentTypes()[param]);
    const uint64_t *next = saved[param].data();
    forEachElement(argument, bytes, [&](char *address) { std::memcpy(address, next++, bytes); });
  }
}

LogicalResult Comparison::runOnce(std::optional<uint64_t> schedule, Outcome &outcome) {
  outcome.name = schedule ? "schedule " + std::to_string(*schedule) : "program order";
  outcome.replay = schedule && schedules.replay ? schedules.replay(*schedule) : "";
  InterpreterOptions own = options;
  own.schedule = schedule;
  own.print = [&](StringRef line) { outcome.prints.push_back(line.str()); };
  own.onError = [&](InterpreterError error) {
    if (schedule && error.kind != InterpreterError::Kind::Call)
      error.notes.push_back(
          {kernel.getLoc(),
           "found in " + outcome.name + (outcome.replay.empty() ? "" : "; " + outcome.replay + " replays it")});
    if (options.onError)
      options.onError(error);
    else
      error.emit();
  };
  if (failed(runKernel(kernel, arguments, own, &outcome.record)))
    return failure();
  outcome.arrays = save();
  return success();
}

LogicalResult Comparison::run() {
  std::vector<std::optional<uint64_t>> orders;
  if (schedules.programOrder)
    orders.push_back(std::nullopt);
  for (unsigned i = 0; i != schedules.count; ++i)
    orders.push_back(schedules.first + i);
  if (failed(checkCall(kernel, arguments, options)))
    return failure();
  std::vector<std::vector<uint64_t>> before = save();
  Outcome first;
  for (auto [i, order] : llvm::enumerate(orders)) {
    Outcome other, &outcome = i == 0 ? first : other;
    if (i != 0)
      restore(before);
    if (failed(runOnce(order, outcome)))
      return failure();
    for (StringRef line : i == 0 ? ArrayRef<std::string>(first.prints) : ArrayRef<std::string>())
      options.print ? options.print(line) : (void)(llvm::outs() << line);
    if (i != 0 && failed(compare(first, other)))
      return failure();
  }
  restore(first.arrays);
  if (largestDifference > 0 && schedules.onRemark)
    schedules.onRemark("atomics added floats in different orders, and sums differ by up to " +
                       llvm::formatv("{0:e2}", largestDifference).str() + " (" + largestPlace +
                       "); that is rounding: within 2 n u / (1 - n u) * sum |x| for n additions");
  return success();
}

//===----------------------------------------------------------------------===//
// comparisons
//===----------------------------------------------------------------------===//

LogicalResult Comparison::fail(const Twine &message, const Outcome &other) {
  InterpreterError error{InterpreterError::Kind::Order,
                         kernel.getLoc(),
                         ("two legal orders give different results: " + message).str(),
                         {}};
  if (!other.replay.empty())
    error.notes.push_back({kernel.getLoc(), other.replay + " replays " + other.name});
  if (options.onError)
    options.onError(error);
  else
    error.emit();
  return failure();
}

std::string Comparison::elementText(unsigned param, uint64_t bits) {
  auto type = cast<MemRefType>(kernel.getArgumentTypes()[param]).getElementType();
  return formatLikeNumpy(printedType(kernel.getParam(param).getType(), type), bits, {});
}

/// How far two sums of floats are apart if rounding explains it.
static std::optional<double> roundingDifference(Type type, uint64_t x, uint64_t y, const FloatAdditions &additions) {
  std::optional<double> difference;
  (void)withFormat(type, [&]<typename Format>(Format) {
    double a = Format::load(x), b = Format::load(y);
    double unit = std::ldexp(1.0, -static_cast<int>(cast<FloatType>(type).getFPMantissaWidth()));
    double roundings = static_cast<double>(additions.count) * unit;
    if (std::isfinite(a) && std::isfinite(b) && roundings < 1 &&
        std::fabs(a - b) <= 2 * roundings / (1 - roundings) * additions.magnitude)
      difference = std::fabs(a - b);
  });
  return difference;
}

LogicalResult Comparison::compareArrays(unsigned param, const Outcome &first, const Outcome &second) {
  std::string name = kernel.getParam(param).getName().str();
  int64_t element = 0;
  for (Odometer index(arguments[param].extents); index; ++index, ++element) {
    uint64_t x = first.arrays[param][element], y = second.arrays[param][element];
    if (x == y)
      continue;
    std::string place = name + "[";
    llvm::raw_string_ostream stream(place);
    llvm::interleaveComma(*index, stream);
    stream << ']';
    auto sums = first.record.additions.find({name, element}), others = second.record.additions.find({name, element});
    bool isSum = sums != first.record.additions.end() && others != second.record.additions.end();
    if (isSum) {
      const FloatAdditions &more = sums->second.magnitude > others->second.magnitude ? sums->second : others->second;
      Type type = cast<MemRefType>(kernel.getArgumentTypes()[param]).getElementType();
      if (std::optional<double> difference = roundingDifference(type, x, y, more)) {
        if (*difference > largestDifference)
          std::tie(largestDifference, largestPlace) = std::pair(*difference, place);
        continue;
      }
    }
    return fail(place + " is " + elementText(param, x) + " in " + first.name + " and " + elementText(param, y) +
                    " in " + second.name + (isSum ? ", further apart than the roundings of its additions allow" : ""),
                second);
  }
  return success();
}

/// Prints of different iterations come in any order.
LogicalResult Comparison::comparePrints(const Outcome &first, const Outcome &second) {
  std::vector<std::string> x = first.prints, y = second.prints, missing;
  llvm::sort(x);
  llvm::sort(y);
  const Outcome *with = &first, *without = &second;
  std::set_difference(x.begin(), x.end(), y.begin(), y.end(), std::back_inserter(missing));
  if (missing.empty()) {
    std::swap(with, without);
    std::set_difference(y.begin(), y.end(), x.begin(), x.end(), std::back_inserter(missing));
  }
  if (missing.empty())
    return success();
  return fail("'" + StringRef(missing.front()).rtrim('\n') + "' is printed in " + with->name + " and not in " +
                  without->name,
              second);
}

LogicalResult Comparison::compare(const Outcome &first, const Outcome &second) {
  for (auto [param, argument] : llvm::enumerate(arguments))
    if (isWritten(kernel, param, argument) && failed(compareArrays(param, first, second)))
      return failure();
  return comparePrints(first, second);
}

LogicalResult tilec::interpretSchedules(tile::KernelOp kernel, ArrayRef<InterpreterArgument> arguments,
                                        const InterpreterOptions &options, const ScheduleOptions &schedules) {
  return Comparison(kernel, arguments, options, schedules).run();
}
