//===- MatrixRunner.cpp - matrix instructions on registers ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "MatrixRunner.h"

using namespace tilec::sim::ptx;

/// `%x0, %x1`, for as many.
static std::string listOf(const std::string &name, size_t count) {
  std::string text;
  for (size_t i = 0; i != count; ++i)
    text += (i ? ", %" : "%") + name + std::to_string(i);
  return text;
}

/// Moves registers between memory, at `%at`, and registers: first all lanes of the first one.
static std::string transfer(const std::string &name, const Registers &registers, bool isLoad) {
  std::string text, type = "b" + std::to_string(registers.bits);
  for (size_t i = 0; i != registers.values.size(); ++i) {
    std::string reg = "%" + name + std::to_string(i);
    text += isLoad ? "ld.global." + type + " " + reg + ", [%at];" : "st.global." + type + " [%at], " + reg + ";";
    text += " add.u64 %at, %at, 256;\n";
  }
  return text;
}

Registers tilec::sim::ptx::runMatrix(const std::string &instruction, unsigned results, unsigned resultBits,
                                     const std::vector<Registers> &operands, const std::string &tail,
                                     std::string &error) {
  Registers result;
  result.bits = resultBits;
  result.values.resize(results);
  std::string text = ".version 9.0\n.target sm_90\n.address_size 64\n"
                     ".visible .entry k(.param .u64 in, .param .u64 out)\n{\n.reg .b64 %at; .reg .b32 %lane;\n";
  std::string loads, list = "{" + listOf("d", results) + "}";
  text += ".reg .b" + std::to_string(resultBits) + " %d<" + std::to_string(results) + ">;\n";
  std::vector<uint64_t> memory;
  for (size_t i = 0; i != operands.size(); ++i) {
    const Registers &operand = operands[i];
    std::string name(1, char('e' + i));
    text +=
        ".reg .b" + std::to_string(operand.bits) + " %" + name + "<" + std::to_string(operand.values.size()) + ">;\n";
    loads += transfer(name, operand, /*isLoad=*/true);
    // Metadata is the fourth, and one register.
    list += i == 3 ? ", %" + name + "0" : ", {" + listOf(name, operand.values.size()) + "}";
    for (const auto &lanes : operand.values)
      memory.insert(memory.end(), lanes.begin(), lanes.end());
  }
  const std::string start = "mov.u32 %lane, %laneid; mad.wide.u32 %at, %lane, 8, %at;\n";
  text += "ld.param.u64 %at, [in]; " + start + loads + instruction + " " + list + tail + ";\n" +
          "ld.param.u64 %at, [out]; " + start + transfer("d", result, /*isLoad=*/false) + "ret;\n}\n";

  Device device;
  auto module = device.load("t.ptx", text);
  if (!module) {
    error = llvm::toString(module.takeError()) + "\nin\n" + text;
    return result;
  }
  uint64_t in = llvm::cantFail(device.allocate(8 * memory.size())),
           out = llvm::cantFail(device.allocate(results * 256));
  llvm::cantFail(device.write(in, memory.data(), 8 * memory.size()));
  llvm::cantFail(device.fill(out, 0, results * 256));
  LaunchArguments arguments;
  arguments.add(in).add(out);
  auto statistics = device.launch(**module, "k", {{1, 1, 1}, {32, 1, 1}}, arguments);
  if (!statistics)
    error = llvm::toString(statistics.takeError());
  for (unsigned i = 0; i != results; ++i)
    llvm::cantFail(device.read(out + 256 * i, result.values[i].data(), 256));
  return result;
}
