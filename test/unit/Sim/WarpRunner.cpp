//===- WarpRunner.cpp - one instruction of a warp, many times ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "WarpRunner.h"

#include "tilec/Sim/PTX/Simulator.h"

#include "gtest/gtest.h"

using namespace tilec::sim::ptx;

static constexpr unsigned kLanes = 32;

std::string tilec::sim::ptx::operandOf(const WarpRegisters &registers) {
  std::string text = "{";
  for (unsigned i = 0; i != registers.count; ++i)
    text += (i ? ",%" : "%") + registers.name + std::to_string(i);
  return text + "}";
}

static unsigned countOf(const std::vector<WarpRegisters> &operands) {
  unsigned count = 0;
  for (const WarpRegisters &operand : operands)
    count += operand.count;
  return count;
}

/// Loads or stores all registers, 8 bytes each, at `%address`.
static std::string moveAll(const std::vector<WarpRegisters> &operands, bool isLoad) {
  std::string text;
  unsigned place = 0;
  for (const WarpRegisters &operand : operands)
    for (unsigned i = 0; i != operand.count; ++i, ++place) {
      std::string reg = "%" + operand.name + std::to_string(i),
                  at = "[%address+" + std::to_string(place * kLanes * 8) + "]";
      text += isLoad ? "ld.global." + operand.type + " " + reg + ", " + at + ";\n"
                     : "st.global." + operand.type + " " + at + ", " + reg + ";\n";
    }
  return text;
}

/// `%address` is where the registers of this trial and lane begin.
static std::string addressOf(const std::string &parameter, unsigned count) {
  return "ld.param.u64 %base, [" + parameter + "];\nmad.wide.u32 %address, %lane, 8, %base;\n" +
         "mad.wide.u32 %address, %trial, " + std::to_string(count * kLanes * 8) + ", %address;\n";
}

std::vector<WarpValues> tilec::sim::ptx::runWarps(const std::string &statements,
                                                  const std::vector<WarpRegisters> &sources,
                                                  const std::vector<WarpRegisters> &results,
                                                  const std::vector<WarpValues> &trials, unsigned sharedBytes,
                                                  std::string *error) {
  unsigned numSources = countOf(sources), numResults = countOf(results);
  std::string text = ".version 9.0\n.target sm_90a\n.address_size 64\n.visible .entry k(.param .u64 in, .param .u64 "
                     "out)\n{\n.reg .b64 %base, %address; .reg .b32 %lane, %trial;\n";
  if (sharedBytes)
    text += ".shared .align 128 .b8 memory[" + std::to_string(sharedBytes) + "];\n";
  for (const std::vector<WarpRegisters> *operands : {&sources, &results})
    for (const WarpRegisters &operand : *operands)
      text += ".reg ." + operand.type + " %" + operand.name + "<" + std::to_string(operand.count) + ">;\n";
  text += "mov.u32 %lane, %tid.x; mov.u32 %trial, %ctaid.x;\n" + addressOf("in", numSources) + moveAll(sources, true) +
          statements + "\n" + addressOf("out", numResults) + moveAll(results, false) + "ret;\n}\n";

  auto fail = [&](llvm::Error wrong) {
    std::string why = llvm::toString(std::move(wrong)) + "\nin\n" + text;
    if (error)
      *error = why;
    else
      ADD_FAILURE() << why;
    return std::vector<WarpValues>();
  };
  Device device;
  auto module = device.load("t.ptx", text);
  if (!module)
    return fail(module.takeError());
  size_t in = size_t(8) * kLanes * numSources, out = size_t(8) * kLanes * numResults;
  uint64_t inAt = llvm::cantFail(device.allocate(in * trials.size())),
           outAt = llvm::cantFail(device.allocate(out * trials.size()));
  for (size_t i = 0; i != trials.size(); ++i) {
    EXPECT_EQ(trials[i].size(), kLanes * numSources);
    llvm::cantFail(device.write(inAt + i * in, trials[i].data(), in));
  }
  llvm::cantFail(device.fill(outAt, 0, out * trials.size()));
  LaunchArguments arguments;
  arguments.add(inAt).add(outAt);
  LaunchShape shape;
  shape.block = {kLanes, 1, 1};
  shape.grid = {static_cast<unsigned>(trials.size()), 1, 1};
  LaunchOptions options;
  options.checks = Checks::none();
  auto statistics = device.launch(**module, "k", shape, arguments, options);
  if (!statistics)
    return fail(statistics.takeError());
  std::vector<WarpValues> values(trials.size(), WarpValues(kLanes * numResults));
  for (size_t i = 0; i != trials.size(); ++i)
    llvm::cantFail(device.read(outAt + i * out, values[i].data(), out));
  return values;
}
