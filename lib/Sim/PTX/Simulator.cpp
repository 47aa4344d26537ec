//===- Simulator.cpp - a device that executes PTX ---------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The driver-like interface: modules, memory, launches.

#include "tilec/Sim/PTX/Schedules.h"

#include "Counter.h"
#include "InitCheck.h"
#include "Races.h"
#include "Trace.h"
#include "Warp.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"

using namespace tilec::sim::ptx;
using llvm::StringRef;
using llvm::Twine;

struct Device::Impl {
  Memory memory;
  std::vector<std::unique_ptr<LoadedModule>> modules;
};

static llvm::Error error(const Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

LoadedModule::LoadedModule() : program(std::make_unique<Program>()) {}
LoadedModule::~LoadedModule() = default;
const Module &LoadedModule::getSyntax() const { return *program->module; }

std::optional<std::pair<uint64_t, uint64_t>> LoadedModule::findVariable(StringRef name) const {
  for (auto [variable, address] : llvm::zip_equal(program->module->variables, program->variables))
    if (variable.name == name && (variable.space == Space::Global || variable.space == Space::Const))
      return std::pair(address, variable.size);
  return std::nullopt;
}

Device::Device() : impl(std::make_unique<Impl>()) {}
Device::~Device() = default;

llvm::Expected<LoadedModule *> Device::load(StringRef name, StringRef text) {
  llvm::Expected<std::unique_ptr<Module>> parsed = parse(name, text);
  if (!parsed)
    return parsed.takeError();
  std::unique_ptr<LoadedModule> loaded(new LoadedModule);
  loaded->program->module = std::move(*parsed);
  std::vector<std::string> errors;
  decode(*loaded->program, impl->memory, errors);
  if (!errors.empty())
    return error(llvm::join(errors, "\n"));
  return impl->modules.emplace_back(std::move(loaded)).get();
}

//===----------------------------------------------------------------------===//
// memory
//===----------------------------------------------------------------------===//

llvm::Expected<uint64_t> Device::allocate(uint64_t bytes) {
  if (Allocation *allocation = impl->memory.allocate(bytes, /*isConstant=*/false, ""))
    return allocation->base;
  return error("there is no memory for " + Twine(bytes) + " bytes");
}

llvm::Error Device::release(uint64_t address) {
  const Allocation *allocation = impl->memory.find(address, 0);
  if (allocation && !allocation->name.empty())
    return error("'" + Twine(allocation->name) + "' at 0x" + Twine::utohexstr(address) + " is a module's variable");
  if (!impl->memory.release(address))
    return error("no allocation begins at 0x" + Twine::utohexstr(address));
  impl->memory.discardReleased();
  return llvm::Error::success();
}

static llvm::Expected<Allocation *> locate(const Memory &memory, uint64_t address, uint64_t bytes) {
  if (Allocation *allocation = memory.find(address, bytes))
    return allocation;
  return error(Twine(bytes) + " bytes at 0x" + Twine::utohexstr(address) + " are not in one allocation");
}

llvm::Error Device::write(uint64_t address, const void *data, uint64_t bytes) {
  llvm::Expected<Allocation *> target = locate(impl->memory, address, bytes);
  if (!target)
    return target.takeError();
  uint64_t offset = address - (*target)->base;
  std::memcpy((*target)->data.get() + offset, data, bytes);
  (*target)->defined.define(offset, bytes);
  return llvm::Error::success();
}

llvm::Error Device::read(uint64_t address, void *data, uint64_t bytes) const {
  llvm::Expected<Allocation *> source = locate(impl->memory, address, bytes);
  if (!source)
    return source.takeError();
  std::memcpy(data, (*source)->data.get() + (address - (*source)->base), bytes);
  return llvm::Error::success();
}

llvm::Error Device::fill(uint64_t address, unsigned char value, uint64_t bytes) {
  llvm::Expected<Allocation *> target = locate(impl->memory, address, bytes);
  if (!target)
    return target.takeError();
  uint64_t offset = address - (*target)->base;
  std::memset((*target)->data.get() + offset, value, bytes);
  (*target)->defined.define(offset, bytes);
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// launches
//===----------------------------------------------------------------------===//

llvm::Expected<Checks> Checks::parse(StringRef list) {
  Checks checks = none();
  if (list == "none")
    return checks;
  for (StringRef word : llvm::split(list, ',')) {
    bool *check = llvm::StringSwitch<bool *>(word)
                      .Case("races", &checks.races)
                      .Case("init", &checks.init)
                      .Case("bounds", &checks.bounds)
                      .Case("sync", &checks.sync)
                      .Default(nullptr);
    if (!check)
      return error("'" + word + "' is no check; there are races, init, bounds and sync, and none of them is 'none'");
    *check = true;
  }
  return checks;
}

/// As much as a block has on the machine that has most (compute capability 9.0).
static constexpr unsigned kMostDynamicShared = 227 * 1024;

/// Checks a launch against what a kernel asks for, and lays out its parameters.
static llvm::Error prepare(Launch &launch, const LaunchArguments &arguments) {
  const Function &kernel = *launch.kernel.syntax;
  const LaunchShape &shape = launch.shape;
  uint64_t threads = uint64_t(shape.block[0]) * shape.block[1] * shape.block[2];
  // Limits of every architecture from sm_50 on (CUDA C++ Programming Guide, table of technical specifications).
  if (!threads || threads > 1024 || shape.block[0] > 1024 || shape.block[1] > 1024 || shape.block[2] > 64)
    return error("a block of " + Twine(shape.block[0]) + " x " + Twine(shape.block[1]) + " x " + Twine(shape.block[2]) +
                 " threads; there are from 1 to 1024");
  if (!shape.grid[0] || !shape.grid[1] || !shape.grid[2] || shape.grid[0] > INT32_MAX || shape.grid[1] > 65535 ||
      shape.grid[2] > 65535)
    return error("a grid of " + Twine(shape.grid[0]) + " x " + Twine(shape.grid[1]) + " x " + Twine(shape.grid[2]) +
                 " blocks is not possible");
  if (shape.dynamicShared > kMostDynamicShared)
    return error(Twine(shape.dynamicShared) + " bytes of dynamic shared memory; a block has at most " +
                 Twine(kMostDynamicShared));
  uint64_t bound = uint64_t(kernel.maxThreads[0]) * kernel.maxThreads[1] * kernel.maxThreads[2];
  if (bound && threads > bound)
    return error("kernel '" + kernel.name + "' is compiled for blocks of at most " + Twine(bound) + " threads, not " +
                 Twine(threads));
  if (kernel.requiredThreads[0] && !llvm::equal(kernel.requiredThreads, shape.block))
    return error("kernel '" + kernel.name + "' needs blocks of " + Twine(kernel.requiredThreads[0]) + " x " +
                 Twine(kernel.requiredThreads[1]) + " x " + Twine(kernel.requiredThreads[2]) + " threads");
  const std::vector<Variable> &params = kernel.signature.params;
  if (arguments.parameters.size() != params.size())
    return error("kernel '" + kernel.name + "' takes " + Twine(params.size()) + " arguments, got " +
                 Twine(arguments.parameters.size()));
  for (auto [i, param] : llvm::enumerate(params)) {
    const std::vector<char> &bytes = arguments.parameters[i];
    if (bytes.size() != param.size)
      return error("argument " + Twine(i) + " of kernel '" + kernel.name + "' has " + Twine(param.size) +
                   " bytes, got " + Twine(bytes.size()));
    uint64_t offset = launch.kernel.params[i];
    launch.params.resize(std::max<size_t>(launch.params.size(), offset + param.size));
    llvm::copy(bytes, launch.params.begin() + offset);
  }
  return llvm::Error::success();
}

/// What there is instead of a kernel that there is not: the names that hold its name, as those of C++ do, or that are
/// spelled like it; otherwise all, as far as a reader takes them in.
static std::string describeKernels(StringRef name, llvm::ArrayRef<StringRef> names) {
  static constexpr size_t kMost = 8;
  auto isAlike = [&](StringRef other) {
    return !name.empty() && (other.contains_insensitive(name) ||
                             name.edit_distance(other, true, 3) <= std::min<size_t>(2, (name.size() + 1) / 2));
  };
  llvm::SmallVector<StringRef> alike(llvm::make_filter_range(names, isAlike));
  llvm::ArrayRef<StringRef> shown = alike.empty() ? names : llvm::ArrayRef<StringRef>(alike);
  if (shown.empty())
    return "there is none";
  std::string text = alike.empty() ? "there is " : "did you mean ";
  text += llvm::join(shown.take_front(kMost), ", ");
  if (shown.size() > kMost)
    text += " and " + std::to_string(shown.size() - kMost) + " more";
  return alike.empty() ? text : text + "?";
}

HostVectors tilec::sim::ptx::detectHostVectors() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("x86-64-v4"))
    return HostVectors::AVX512;
  if (__builtin_cpu_supports("x86-64-v3"))
    return HostVectors::AVX2;
#endif
  return HostVectors::Baseline;
}

llvm::Expected<LaunchStatistics> Device::run(LoadedModule &module, StringRef name, const LaunchShape &shape,
                                             const LaunchArguments &arguments, const LaunchOptions &options,
                                             RunReports &reports) {
  if (llvm::none_of(impl->modules, [&](const auto &loaded) { return loaded.get() == &module; }))
    return error("the module is loaded into another device");
  const Code *kernel = nullptr;
  std::vector<StringRef> names;
  for (const Code &code : module.program->functions) {
    if (!code.syntax->isEntry || !code.syntax->hasBody)
      continue;
    names.push_back(code.syntax->name);
    if (code.syntax->name == name)
      kernel = &code;
  }
  if (!kernel)
    return error("there is no kernel '" + name + "'; " + describeKernels(name, names));
  Launch launch(*module.program, *kernel, shape, options, std::min(options.vectors, detectHostVectors()), impl->memory);
  if (llvm::Error wrong = prepare(launch, arguments))
    return std::move(wrong);
  Origins origins;
  if (options.checks.init)
    launch.origins = &origins;
  std::optional<Counter> counter;
  if (options.counters)
    launch.observers.push_back(&counter.emplace(launch));
  Trace trace(options.trace);
  if (options.trace.out)
    launch.observers.push_back(&trace);
  std::optional<Races> races;
  if (options.checks.races)
    launch.races = &races.emplace(launch);
  launch.isMonitored |= options.checks.races || options.checks.sync || options.checks.init || !launch.observers.empty();
  launch.run();
  // Without the check it is not known what was written.
  if (!options.checks.init)
    impl->memory.defineAll();
  // What was reported on the way explains the error that ended the run.
  if (races)
    reports.findings = races->getReports();
  if (reports.findings.empty() && !launch.findings.empty())
    reports.findings.push_back(launch.findings);
  reports.error = launch.getError();
  if (counter)
    launch.statistics.counters = std::make_shared<Counters>(counter->finish());
  launch.statistics.isTraceCut = trace.isCut();
  return launch.statistics;
}

llvm::Expected<LaunchStatistics> Device::launch(LoadedModule &module, StringRef name, const LaunchShape &shape,
                                                const LaunchArguments &arguments, const LaunchOptions &options) {
  RunReports reports;
  llvm::Expected<LaunchStatistics> statistics = run(module, name, shape, arguments, options, reports);
  if (std::string text = reports.toText(); !text.empty())
    return error(text);
  return statistics;
}

llvm::Expected<SchedulesOutcome> Device::launchSchedules(LoadedModule &module, StringRef name, const LaunchShape &shape,
                                                         const LaunchArguments &arguments, const LaunchOptions &options,
                                                         uint64_t schedules, bool stopAtReport) {
  SchedulesOutcome outcome;
  const SavedMemory before = impl->memory.save();
  // What the first schedule left, and the first of those that ran to their ends.
  SavedMemory first;
  std::optional<SavedMemory> reference;
  uint64_t referenceSeed = 0;
  LaunchOptions each = options;
  for (uint64_t i = 0; i != schedules && !(stopAtReport && !outcome.reports.empty()); ++i) {
    each.seed = options.seed + i;
    RunReports reports;
    llvm::Expected<LaunchStatistics> statistics = run(module, name, shape, arguments, each, reports);
    if (!statistics)
      return statistics.takeError();
    outcome.add(each.seed, reports);
    if (i == 0) {
      outcome.statistics = std::move(*statistics);
      first = impl->memory.save();
      each.counters = false;
      each.trace.out = nullptr;
      each.print = [](StringRef) {};
    }
    if (reports.error.empty() && reference)
      impl->memory.compare(before, *reference, referenceSeed, each.seed, outcome.differences);
    if (reports.error.empty() && !reference) {
      reference = impl->memory.save();
      referenceSeed = each.seed;
    }
    impl->memory.restore(before);
  }
  impl->memory.restore(first);
  return outcome;
}
