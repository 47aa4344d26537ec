//===- SimCAPI.cpp - the PTX simulator's C API ------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Implements tilec-c/ptx-sim.h on Simulator.h.

#include "tilec-c/ptx-sim.h"

#include "tilec/Sim/PTX/Schedules.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <new>

using namespace tilec::sim::ptx;
using llvm::Twine;

struct TilecSimDevice {
  Device device;
  std::string message, counters, differences;

  /// The status of an error, whose text is kept.
  int fail(llvm::Error error) {
    if (!error)
      return 0;
    message = llvm::toString(std::move(error));
    return 1;
  }
  int fail(const Twine &text) {
    message = text.str();
    return 1;
  }
};

static LoadedModule &unwrap(TilecSimModule *module) { return *reinterpret_cast<LoadedModule *>(module); }

TilecSimDevice *tilec_sim_create(void) { return new (std::nothrow) TilecSimDevice; }
void tilec_sim_destroy(TilecSimDevice *device) { delete device; }
const char *tilec_sim_message(const TilecSimDevice *device) {
  return device ? device->message.c_str() : "there is no device";
}
const char *tilec_sim_differences(const TilecSimDevice *device) {
  return !device || device->differences.empty() ? nullptr : device->differences.c_str();
}
const char *tilec_sim_counters(const TilecSimDevice *device) {
  return !device || device->counters.empty() ? nullptr : device->counters.c_str();
}

/// Whether one of the pointers of a call is null, which is an error, for which the device has a message if there is
/// one.
static bool isMissing(TilecSimDevice *device, std::initializer_list<std::pair<const char *, const void *>> pointers) {
  if (!device)
    return true;
  for (auto [name, pointer] : pointers)
    if (!pointer) {
      (void)device->fail(Twine(name) + " is NULL");
      return true;
    }
  return false;
}

TilecSimModule *tilec_sim_load(TilecSimDevice *device, const char *name, const char *text) {
  if (isMissing(device, {{"the name of the module", name}, {"the text of the module", text}}))
    return nullptr;
  llvm::Expected<LoadedModule *> module = device->device.load(name, text);
  if (module)
    return reinterpret_cast<TilecSimModule *>(*module);
  (void)device->fail(module.takeError());
  return nullptr;
}

int tilec_sim_find_variable(TilecSimDevice *device, TilecSimModule *module, const char *name, uint64_t *address,
                            uint64_t *bytes) {
  if (isMissing(device, {{"the module", module}, {"the name", name}, {"the address", address}, {"the size", bytes}}))
    return 1;
  auto found = unwrap(module).findVariable(name);
  if (!found)
    return device->fail("there is no variable '" + Twine(name) + "' in global or constant memory");
  std::tie(*address, *bytes) = *found;
  return 0;
}

//===----------------------------------------------------------------------===//
// memory
//===----------------------------------------------------------------------===//

int tilec_sim_allocate(TilecSimDevice *device, uint64_t bytes, uint64_t *address) {
  if (isMissing(device, {{"the address", address}}))
    return 1;
  llvm::Expected<uint64_t> allocated = device->device.allocate(bytes);
  if (!allocated)
    return device->fail(allocated.takeError());
  *address = *allocated;
  return 0;
}

int tilec_sim_release(TilecSimDevice *device, uint64_t address) {
  if (isMissing(device, {}))
    return 1;
  return device->fail(device->device.release(address));
}

int tilec_sim_write(TilecSimDevice *device, uint64_t address, const void *data, uint64_t bytes) {
  if (isMissing(device, {{"the data", bytes ? data : device}}))
    return 1;
  return device->fail(device->device.write(address, data, bytes));
}

int tilec_sim_read(TilecSimDevice *device, uint64_t address, void *data, uint64_t bytes) {
  if (isMissing(device, {{"the data", bytes ? data : device}}))
    return 1;
  return device->fail(device->device.read(address, data, bytes));
}

int tilec_sim_fill(TilecSimDevice *device, uint64_t address, unsigned char value, uint64_t bytes) {
  if (isMissing(device, {}))
    return 1;
  return device->fail(device->device.fill(address, value, bytes));
}

//===----------------------------------------------------------------------===//
// launches
//===----------------------------------------------------------------------===//

static llvm::Error readOptions(const TilecSimLaunch &launch, LaunchOptions &options) {
  options.seed = launch.seed;
  if (launch.max_steps)
    options.maxSteps = launch.max_steps;
  if (launch.resident_blocks)
    options.residentBlocks = launch.resident_blocks;
  if (launch.checks) {
    llvm::Expected<Checks> checks = Checks::parse(launch.checks);
    if (!checks)
      return checks.takeError();
    options.checks = *checks;
  }
  options.counters = launch.counters != 0;
  if (launch.trace_limit)
    options.trace.limit = launch.trace_limit;
  if (launch.print)
    options.print = [print = launch.print, context = launch.print_context](llvm::StringRef text) {
      print(context, text.data(), text.size());
    };
  return llvm::Error::success();
}

int tilec_sim_launch(TilecSimDevice *device, TilecSimModule *module, const char *kernel,
                     const TilecSimArgument *arguments, size_t num_arguments, const TilecSimLaunch *launch) {
  if (isMissing(device, {{"the module", module}, {"the name of the kernel", kernel}, {"the launch", launch}}) ||
      (num_arguments && isMissing(device, {{"the list of arguments", arguments}})))
    return 1;
  device->counters.clear();
  device->differences.clear();
  LaunchShape shape;
  for (unsigned i = 0; i != 3; ++i) {
    shape.grid[i] = std::max(1u, launch->grid[i]);
    shape.block[i] = std::max(1u, launch->block[i]);
  }
  shape.dynamicShared = launch->dynamic_shared;
  LaunchArguments values;
  for (const TilecSimArgument &argument : llvm::ArrayRef(arguments, num_arguments)) {
    if (argument.bytes && isMissing(device, {{"the data of an argument", argument.data}}))
      return 1;
    values.addBytes(argument.data, argument.bytes);
  }
  LaunchOptions options;
  if (llvm::Error wrong = readOptions(*launch, options))
    return device->fail(std::move(wrong));
  std::unique_ptr<llvm::raw_fd_ostream> trace;
  if (launch->trace_file) {
    std::error_code code;
    trace = std::make_unique<llvm::raw_fd_ostream>(launch->trace_file, code);
    if (code)
      return device->fail("cannot write '" + Twine(launch->trace_file) + "': " + code.message());
    options.trace.out = trace.get();
  }
  auto run = [&]() -> llvm::Expected<LaunchStatistics> {
    if (launch->schedules <= 1)
      return device->device.launch(unwrap(module), kernel, shape, values, options);
    auto outcome = device->device.launchSchedules(unwrap(module), kernel, shape, values, options, launch->schedules);
    if (!outcome)
      return outcome.takeError();
    for (const ScheduleDifference &difference : outcome->differences)
      device->differences += "byte " + std::to_string(difference.offset) + " of what begins at 0x" +
                             llvm::utohexstr(difference.address) + " depends on the schedule: seeds " +
                             std::to_string(difference.seed) + " and " + std::to_string(difference.otherSeed) +
                             " differ there\n";
    if (std::string text = outcome->toText(); !text.empty())
      return llvm::createStringError(llvm::inconvertibleErrorCode(), text);
    return std::move(outcome->statistics);
  };
  llvm::Expected<LaunchStatistics> statistics = run();
  if (trace) {
    trace->close();
    std::error_code code = trace->error();
    trace->clear_error();
    if (code && statistics)
      return device->fail("cannot write '" + Twine(launch->trace_file) + "': " + code.message());
  }
  if (!statistics)
    return device->fail(statistics.takeError());
  if (statistics->counters)
    device->counters = statistics->counters->toJSON();
  return 0;
}
