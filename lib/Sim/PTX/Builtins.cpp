//===- Builtins.cpp - functions that the simulator has itself ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What compilers call and drivers provide: `vprintf`, `malloc`, `free` and `__assertfail` (CUDA C++ Programming Guide,
// sections on formatted output, dynamic allocation and assertion).

#include "Decoder.h"
#include "Execute.h"
#include "InitCheck.h"
#include "Races.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace tilec::sim::ptx;
using llvm::StringRef;

/// The bytes of an argument of a lane; 0 after an error.
static uint64_t argument(Warp &warp, const Op &op, unsigned lane, unsigned index, unsigned bytes) {
  const CallSite &site = warp.getCode().calls[op.immediate];
  uint64_t value = 0;
  if (index >= site.arguments.size())
    return value;
  uint64_t offset = warp.top().local + site.arguments[index];
  if (InitCheck *init = warp.getInit();
      init && !init->needLocal(op, lane, offset, bytes, "argument " + llvm::Twine(index) + " of the call"))
    return value;
  if (const char *at = warp.local(lane, offset, bytes))
    std::memcpy(&value, at, bytes);
  return value;
}

static void setResult(Warp &warp, const Op &op, unsigned lane, uint64_t value, unsigned bytes) {
  const CallSite &site = warp.getCode().calls[op.immediate];
  if (!site.results.empty())
    if (char *at = warp.local(lane, warp.top().local + site.results.front(), bytes)) {
      std::memcpy(at, &value, bytes);
      if (InitCheck *init = warp.getInit())
        init->defineLocal(lane, warp.top().local + site.results.front(), bytes);
    }
}

/// The text at a generic address, up to its NUL; nothing, after an error, where it runs out of memory.
static std::optional<std::string> textAt(Warp &warp, const Op &op, unsigned lane, uint64_t address) {
  std::string text;
  while (text.size() < 1 << 16) {
    const char *at = warp.access(op, lane, Access(), Space::Global, /*isGeneric=*/true, address++, 1);
    if (!at)
      return std::nullopt;
    if (!*at)
      return text;
    text += *at;
  }
  (void)warp.fail(op, lane, "a text without an end");
  return std::nullopt;
}

/// One conversion of a format, such as `%-8.3f`, on the next argument; the arguments stand at multiples of their size.
static bool formatOne(Warp &warp, const Op &op, unsigned lane, StringRef conversion, uint64_t &address,
                      std::string &out) {
  char kind = conversion.back();
  auto next = [&](unsigned bytes, uint64_t &value) {
    address = llvm::alignTo(address, bytes);
    const char *at = warp.access(op, lane, Access(), Space::Global, /*isGeneric=*/true, address, bytes);
    if (!at)
      return false;
    value = 0;
    std::memcpy(&value, at, bytes);
    address += bytes;
    return true;
  };
  // `*` takes an int.
  std::string format;
  for (char c : conversion.drop_back()) {
    uint64_t value;
    if (c != '*') {
      format += c;
      continue;
    }
    if (!next(4, value))
      return false;
    format += std::to_string(static_cast<int32_t>(value));
  }
  bool isLong = StringRef(format).contains('l') || StringRef(format).contains('z') || StringRef(format).contains('j');
  // Of a char or a short, which are passed as an int.
  unsigned bits = 8 * (isLong ? 8 : 4) >> std::min<unsigned>(StringRef(format).count('h'), 2);
  llvm::erase_if(format, [](char c) { return StringRef("hlzjtL").contains(c); });
  uint64_t value = 0;
  char buffer[512];
  switch (kind) {
  case 'd':
  case 'i':
    if (!next(isLong ? 8 : 4, value))
      return false;
    snprintf(buffer, sizeof buffer, (format + "lld").c_str(), static_cast<long long>(llvm::SignExtend64(value, bits)));
    break;
  case 'u':
  case 'x':
  case 'X':
  case 'o':
    if (!next(isLong ? 8 : 4, value))
      return false;
    snprintf(buffer, sizeof buffer, (format + "ll" + kind).c_str(),
             static_cast<unsigned long long>(value & llvm::maskTrailingOnes<uint64_t>(bits)));
    break;
  case 'c':
    if (!next(4, value))
      return false;
    snprintf(buffer, sizeof buffer, (format + "c").c_str(), static_cast<int>(value));
    break;
  case 'p':
    if (!next(8, value))
      return false;
    snprintf(buffer, sizeof buffer, "0x%llx", static_cast<unsigned long long>(value));
    break;
  case 's': {
    if (!next(8, value))
      return false;
    std::optional<std::string> text = value ? textAt(warp, op, lane, value) : "(null)";
    if (!text)
      return false;
    std::vector<char> room(text->size() + 512);
    snprintf(room.data(), room.size(), (format + "s").c_str(), text->c_str());
    out += room.data();
    return true;
  }
  default:
    if (!next(8, value))
      return false;
    snprintf(buffer, sizeof buffer, (format + kind).c_str(), llvm::bit_cast<double>(value));
  }
  out += buffer;
  return true;
}

static Step print(Warp &warp, const Op &op, Mask mask) {
  bool isGood = forEachLane(mask, [&](unsigned lane) {
    std::optional<std::string> format = textAt(warp, op, lane, argument(warp, op, lane, 0, 8));
    if (!format)
      return false;
    uint64_t address = argument(warp, op, lane, 1, 8);
    std::string out;
    // What printf returns is the number of arguments that it took.
    unsigned taken = 0;
    for (size_t i = 0; i < format->size();) {
      if ((*format)[i] != '%') {
        out += (*format)[i++];
        continue;
      }
      size_t end = format->find_first_not_of("-+ #0123456789.*hlzjtL", i + 1);
      if (end == std::string::npos)
        break;
      char kind = (*format)[end];
      // Widths that would overrun any buffer are printed as they stand.
      StringRef conversion = StringRef(*format).slice(i, end + 1);
      if (kind == '%')
        out += '%';
      else if (!StringRef("diuxXocpsfFeEgGaA").contains(kind) || conversion.size() > 16)
        out += conversion;
      else if (formatOne(warp, op, lane, conversion, address, out))
        taken += 1 + conversion.count('*');
      else
        return false;
      i = end + 1;
    }
    const LaunchOptions &options = warp.getLaunch().options;
    std::lock_guard<std::mutex> lock(warp.getLaunch().printing);
    if (options.print)
      options.print(out);
    else
      llvm::outs() << out;
    setResult(warp, op, lane, taken, 4);
    return true;
  });
  return nextIf(isGood);
}

static Step allocate(Warp &warp, const Op &op, Mask mask) {
  forEachLane(mask, [&](unsigned lane) {
    Allocation *allocation = warp.getLaunch().memory.allocate(argument(warp, op, lane, 0, 8), /*isConstant=*/false, "");
    if (allocation)
      allocation->isOfHeap = true;
    setResult(warp, op, lane, allocation ? allocation->base : 0, 8);
    return true;
  });
  return Step::Next;
}

/// Most bytes of an allocation of which a race with `free` is looked for.
static constexpr uint64_t kMostFreed = 1 << 20;

/// To give memory back is a write to all of it, as far as races go.
static void tellOfFree(Warp &warp, const Op &op, unsigned lane, Allocation &allocation) {
  Races *races = warp.getLaunch().races;
  if (!races)
    return;
  Access write;
  write.kind = Access::Kind::Write;
  Target targets[kLanes];
  for (uint64_t at = 0, end = std::min(allocation.size, kMostFreed); at < end;) {
    unsigned bytes = end - at >= 4 ? 4 : 1;
    targets[lane] = {allocation.data.get() + at, &allocation, at, Space::Global};
    races->access(warp, op, Mask(1) << lane, write, bytes, targets);
    at += bytes;
  }
}

static Step release(Warp &warp, const Op &op, Mask mask) {
  bool isGood = forEachLane(mask, [&](unsigned lane) {
    uint64_t address = argument(warp, op, lane, 0, 8);
    Launch &launch = warp.getLaunch();
    Allocation *allocation = launch.memory.find(address, 0);
    if (allocation && !allocation->isOfHeap)
      return warp.fail(op, lane, "free of 0x" + llvm::Twine::utohexstr(address) + ", which malloc did not give"), false;
    if (allocation && allocation->base == address)
      tellOfFree(warp, op, lane, *allocation);
    if (!address || launch.memory.release(address)) {
      if (!launch.isParallel())
        launch.memory.discardReleased();
      return true;
    }
    auto released = launch.memory.findReleased(address);
    llvm::StringRef why = released && released->first == address ? "is free already" : "malloc did not give";
    return warp.fail(op, lane, "free of 0x" + llvm::Twine::utohexstr(address) + ", which " + why), false;
  });
  return nextIf(isGood);
}

static Step failAssertion(Warp &warp, const Op &op, Mask mask) {
  unsigned lane = llvm::countr_zero(mask);
  std::optional<std::string> message = textAt(warp, op, lane, argument(warp, op, lane, 0, 8));
  std::optional<std::string> file = message ? textAt(warp, op, lane, argument(warp, op, lane, 1, 8)) : std::nullopt;
  if (!file)
    return Step::Failed;
  return warp.fail(op, lane,
                   *file + ":" + llvm::Twine(static_cast<uint32_t>(argument(warp, op, lane, 2, 4))) + ": assertion '" +
                       *message + "' failed");
}

Execute tilec::sim::ptx::findBuiltin(StringRef name) {
  static constexpr std::pair<llvm::StringLiteral, Execute> builtins[] = {
      {"vprintf", print}, {"malloc", allocate}, {"free", release}, {"__assertfail", failAssertion}};
  for (const auto &[known, execute] : builtins)
    if (known == name)
      return execute;
  return nullptr;
}
