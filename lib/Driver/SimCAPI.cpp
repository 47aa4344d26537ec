//===- SimCAPI.cpp - the PTX simulator's C API ------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Implements tilec-c/ptx-sim.h on Simulator.h.

#include "tilec-c/ptx-sim.h"

#include "tilec/Sim/PTX/Simulator.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <new>

using namespace tilec::sim::ptx;
using llvm::Twine;

struct TilecSimDevice {
  Device device;
  std::string message, counters;

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
const char *tilec_sim_message(const TilecSimDevice *device) { return device->message.c_str(); }
const char *tilec_sim_counters(const TilecSimDevice *device) {
  return device->counters.empty() ? nullptr : device->counters.c_str();
}

TilecSimModule *tilec_sim_load(TilecSimDevice *device, const char *name, const char *text) {
  llvm::Expected<LoadedModule *> module = device->device.load(name, text);
  if (module)
    return reinterpret_cast<TilecSimModule *>(*module);
  (void)device->fail(module.takeError());
  return nullptr;
}

int tilec_sim_find_variable(TilecSimDevice *device, TilecSimModule *module, const char *name, uint64_t *address,
                            uint64_t *bytes) {
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
  llvm::Expected<uint64_t> allocated = device->device.allocate(bytes);
  if (!allocated)
    return device->fail(allocated.takeError());
  *address = *allocated;
  return 0;
}

int tilec_sim_release(TilecSimDevice *device, uint64_t address) {
  return device->fail(device->device.release(address));
}

int tilec_sim_write(TilecSimDevice *device, uint64_t address, const void *data, uint64_t bytes) {
  return device->fail(device->device.write(address, data, bytes));
}

int tilec_sim_read(TilecSimDevice *device, uint64_t address, void *data, uint64_t bytes) {
  return device->fail(device->device.read(address, data, bytes));
}

int tilec_sim_fill(TilecSimDevice *device, uint64_t address, unsigned char value, uint64_t bytes) {
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
  device->counters.clear();
  LaunchShape shape;
  for (unsigned i = 0; i != 3; ++i) {
    shape.grid[i] = std::max(1u, launch->grid[i]);
    shape.block[i] = std::max(1u, launch->block[i]);
  }
  shape.dynamicShared = launch->dynamic_shared;
  LaunchArguments values;
  for (const TilecSimArgument &argument : llvm::ArrayRef(arguments, num_arguments))
    values.addBytes(argument.data, argument.bytes);
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
  llvm::Expected<LaunchStatistics> statistics = device->device.launch(unwrap(module), kernel, shape, values, options);
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
