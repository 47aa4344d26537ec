//===- PTXParserTest.cpp - PTX text to a module -----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Sim/PTX/Syntax.h"

#include "gtest/gtest.h"

using namespace tilec::sim::ptx;

namespace {

using Kind = Operand::Kind;

std::unique_ptr<Module> parsed(const std::string &items,
                               const std::string &head = ".version 8.0\n.target sm_80\n.address_size 64\n") {
  auto module = parse("t.ptx", head + items);
  if (module)
    return std::move(*module);
  ADD_FAILURE() << llvm::toString(module.takeError());
  return nullptr;
}

std::string errorOf(const std::string &items,
                    const std::string &head = ".version 8.0\n.target sm_80\n.address_size 64\n") {
  auto module = parse("t.ptx", head + items);
  return module ? "" : llvm::toString(module.takeError());
}

/// A function around statements.
std::string body(const std::string &statements) {
  return ".visible .entry k(.param .u64 a, .param .u32 n)\n{\n" + statements + "\n}\n";
}

TEST(PTXParser, head) {
  auto module = parsed("", ".version 9.0\n.target sm_90a, debug\n");
  ASSERT_TRUE(module);
  EXPECT_EQ(module->versionMajor, 9u);
  EXPECT_EQ(module->versionMinor, 0u);
  EXPECT_EQ(module->architecture, 90u);
  EXPECT_EQ(module->architectureSuffix, "a");
}

TEST(PTXParser, variables) {
  auto module = parsed(".global .align 4 .u32 counter = 7;\n"
                       ".const .align 8 .b8 table[6] = {1, -1, 0x10, 3};\n"
                       ".global .f32 floats[2][2] = {{1.0, 0f40000000}, {-2}};\n"
                       ".global .u64 pointers[3] = {counter, generic(table)+4, table-1};\n"
                       ".global .u8 bytes[] = {0xff(counter), 0xff00(counter)};\n"
                       ".extern .shared .align 16 .b8 dynamic[];\n"
                       ".shared .v4 .f32 quads[3], one;\n"
                       ".global .s32 sum = (1 + 2) * 3 - (7 >> 1) + (2 < 3 ? 10 : 20);\n");
  ASSERT_TRUE(module);
  auto &variables = module->variables;
  ASSERT_EQ(variables.size(), 9u);
  EXPECT_EQ(variables[0].initialiser[0].bits, 7u);
  EXPECT_EQ(variables[0].size, 4u);
  EXPECT_EQ(variables[1].space, Space::Const);
  EXPECT_EQ(variables[1].size, 6u);
  EXPECT_EQ(variables[1].alignment, 8u);
  ASSERT_EQ(variables[1].initialiser.size(), 4u);
  EXPECT_EQ(variables[1].initialiser[1].bits, 0xFFu);
  EXPECT_EQ(variables[2].size, 16u);
  EXPECT_EQ(variables[2].initialiser[0].bits, 0x3F800000u);
  EXPECT_EQ(variables[2].initialiser[1].bits, 0x40000000u);
  EXPECT_EQ(variables[2].initialiser[2].bits, 0xC0000000u);
  EXPECT_EQ(variables[3].initialiser[0].symbol, "counter");
  EXPECT_TRUE(variables[3].initialiser[1].isGeneric);
  EXPECT_EQ(variables[3].initialiser[1].bits, 4u);
  EXPECT_EQ(variables[3].initialiser[2].bits, UINT64_MAX);
  EXPECT_EQ(variables[4].size, 2u);
  EXPECT_EQ(variables[4].initialiser[1].maskedByte, 1);
  EXPECT_TRUE(variables[5].isUnsized);
  EXPECT_EQ(variables[5].size, 0u);
  EXPECT_EQ(variables[6].size, 48u);
  EXPECT_EQ(variables[6].alignment, 16u);
  EXPECT_EQ(variables[7].name, "one");
  EXPECT_EQ(variables[8].initialiser[0].bits, 16u);
}

TEST(PTXParser, registersAreFoundByRangeAndScope) {
  auto module = parsed(body("  .reg .b32 %r<3>, x;\n  .reg .pred %p<2>;\n  .reg .v2 .f32 v;\n"
                            "  mov.u32 %r2, x;\n  { .reg .b64 x; mov.u64 x, 1; }\n  @!%p1 mov.f32 v.y, v.x;\n"));
  ASSERT_TRUE(module);
  const Function &k = module->functions[0];
  ASSERT_EQ(k.registers.size(), 9u);
  EXPECT_EQ(k.registers[2].spelling(), "%r2");
  EXPECT_EQ(k.registers[7].spelling(), "v.y");
  EXPECT_EQ(k.instructions[0].operands[0].index, 2u);
  EXPECT_EQ(k.instructions[0].operands[1].index, 3u);
  EXPECT_EQ(k.instructions[1].operands[0].index, 8u);
  EXPECT_EQ(k.registers[8].type, Type::B64);
  EXPECT_EQ(k.instructions[2].guard, 5);
  EXPECT_TRUE(k.instructions[2].isGuardNegated);
  EXPECT_EQ(k.instructions[2].operands[0].index, 7u);
  EXPECT_EQ(k.instructions[2].operands[1].index, 6u);
}

TEST(PTXParser, operands) {
  auto module =
      parsed(".global .b32 g;\n" + body("  .reg .b32 %r<9>; .reg .pred %p<3>; .reg .b64 %rd<3>;\n  .shared .b8 s[64];\n"
                                        "  ld.param.u64 %rd1, [a];\n"
                                        "  ld.shared.v2.u32 {%r1, _}, [s+8];\n"
                                        "  st.global.u32 [%rd1+-4], -3;\n"
                                        "  setp.lt.and.s32 %p1|_, %r1, 0f3F800000, !%p2;\n"
                                        "  mov.u32 %r3, %tid.x;\n"
                                        "  mov.u64 %rd2, g+4;\n"
                                        "  cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes "
                                        "[%r1], [%rd1, {%r2, %r3}], [%r4];\n"
                                        "  mov.u32 %r3, WARP_SZ;\n"));
  ASSERT_TRUE(module);
  const auto &list = module->functions[0].instructions;
  EXPECT_EQ(list[0].spelling(), "ld.param.u64");
  EXPECT_EQ(list[0].operands[1].kind, Kind::Address);
  EXPECT_EQ(module->functions[0].variable(list[0].operands[1].parts[0].index).name, "a");
  EXPECT_EQ(list[1].operands[0].kind, Kind::Vector);
  EXPECT_EQ(list[1].operands[0].parts[1].kind, Kind::Sink);
  EXPECT_EQ(list[1].operands[1].value, 8u);
  EXPECT_EQ(list[2].operands[0].value, static_cast<uint64_t>(-4));
  EXPECT_EQ(list[2].operands[1].value, static_cast<uint64_t>(-3));
  EXPECT_EQ(list[3].operands[0].kind, Kind::Pair);
  EXPECT_EQ(list[3].operands[2].kind, Kind::Float32);
  EXPECT_TRUE(list[3].operands[3].isNegated);
  EXPECT_EQ(list[4].operands[1].kind, Kind::Special);
  EXPECT_EQ(list[4].operands[1].special.name, "%tid");
  EXPECT_EQ(list[4].operands[1].special.component, 'x');
  EXPECT_EQ(list[5].operands[1].kind, Kind::Variable);
  EXPECT_FALSE(list[5].operands[1].isOfFunction);
  EXPECT_EQ(list[5].operands[1].value, 4u);
  EXPECT_EQ(list[6].modifiers.size(), 7u);
  EXPECT_EQ(list[6].operands[1].parts[1].parts.size(), 2u);
  EXPECT_EQ(list[7].operands[1].value, 32u);
}

TEST(PTXParser, labelsAreOfTheirScope) {
  auto module = parsed(body("  .reg .b32 %r<2>;\nA:\n  bra B;\n  { A: bra A; bra B; }\n  { A: bra A; }\n  bra A;\nB:\n"
                            "  ts: .branchtargets A, B;\n  brx.idx %r1, ts;\n"));
  ASSERT_TRUE(module);
  const auto &list = module->functions[0].instructions;
  unsigned expected[] = {5, 1, 5, 3, 0};
  for (unsigned i = 0; i != 5; ++i) {
    EXPECT_EQ(list[i].operands[0].kind, Kind::Label);
    EXPECT_EQ(list[i].operands[0].index, expected[i]) << i;
  }
  EXPECT_EQ(list[5].operands[1].kind, Kind::Table);
  EXPECT_EQ(module->functions[0].tables[0].targets, (std::vector<unsigned>{0, 5}));
}

TEST(PTXParser, functionsAndCalls) {
  auto module = parsed(
      ".extern .func (.param .b32 r) vprintf(.param .b64 f, .param .b64 v);\n"
      ".func (.param .b32 r) twice(.param .b32 x);\n" +
      body("  .reg .b32 %r<3>; .reg .b64 %rd<2>;\n  { .param .b32 p; .param .b32 q;\n  call.uni (q), twice, (p);\n"
           "  proto: .callprototype (.param .b32 _) _ (.param .b32 _);\n  call (q), %rd1, (p), proto; }\n") +
      ".func (.param .b32 r) twice(.param .b32 x) .noreturn { ret; }\n");
  ASSERT_TRUE(module);
  ASSERT_EQ(module->functions.size(), 3u);
  EXPECT_FALSE(module->functions[0].hasBody);
  EXPECT_TRUE(module->functions[1].hasBody);
  EXPECT_TRUE(module->functions[1].signature.isNoReturn);
  const Function &k = *module->findFunction("k");
  EXPECT_EQ(k.instructions[0].operands[0].kind, Kind::List);
  EXPECT_EQ(k.instructions[0].operands[1].kind, Kind::Function);
  EXPECT_EQ(k.instructions[0].operands[1].index, 1u);
  EXPECT_EQ(k.instructions[1].operands[3].kind, Kind::Table);
  EXPECT_EQ(k.tables[0].prototype.params.size(), 1u);
}

TEST(PTXParser, sourceLines) {
  auto module = parsed(
      body("  .loc 1 10 4\n  bar.sync 0;\n  .loc 1 12 0, function_name $L__info0, inlined_at 1 10 4\n  bar.sync 0;\n") +
      "  .file 1 \"k.cu\"\n");
  ASSERT_TRUE(module);
  EXPECT_EQ(module->files.at(1), "k.cu");
  EXPECT_EQ(module->functions[0].instructions[0].source.line, 10u);
  SourceLine inlined = module->functions[0].instructions[1].source;
  EXPECT_EQ(inlined.line, 12u);
  ASSERT_EQ(inlined.caller, 0);
  EXPECT_EQ(module->callers[0].line, 10u);
  EXPECT_EQ(module->callers[0].caller, -1);
}

TEST(PTXParser, sourceLinesOfCodeThatIsInlinedTwice) {
  // h:30 is inlined at g:20, which is inlined at f:10; then g:20 at f:11.
  const char *locations = "  .loc 1 20 1, function_name $L__g, inlined_at 1 10 1\n"
                          "  .loc 2 30 1, function_name $L__h, inlined_at 1 20 1\n  bar.sync 0;\n"
                          "  .loc 1 20 1, function_name $L__g, inlined_at 1 11 1\n"
                          "  .loc 2 30 1, function_name $L__h, inlined_at 1 20 1\n  bar.sync 0;\n";
  auto module = parsed(body(locations));
  ASSERT_TRUE(module);
  auto linesOf = [&](SourceLine source) {
    std::vector<unsigned> lines = {source.line};
    for (int caller = source.caller; caller >= 0; caller = module->callers[caller].caller)
      lines.push_back(module->callers[caller].line);
    return lines;
  };
  EXPECT_EQ(linesOf(module->functions[0].instructions[0].source), (std::vector<unsigned>{30, 20, 10}));
  EXPECT_EQ(linesOf(module->functions[0].instructions[1].source), (std::vector<unsigned>{30, 20, 11}));
}

TEST(PTXParser, launchBounds) {
  auto module = parsed(".entry k() .reqntid 128, 2 .maxnreg 64 .reqnctapercluster 2 .pragma \"nounroll\"; { ret; }\n");
  ASSERT_TRUE(module);
  EXPECT_EQ(module->functions[0].requiredThreads[1], 2u);
  EXPECT_EQ(module->functions[0].requiredThreads[2], 1u);
  EXPECT_EQ(module->functions[0].maxRegisters, 64u);
  EXPECT_EQ(module->functions[0].requiredCluster[0], 2u);
}

/// Each mistake, and what is said of it at which line.
TEST(PTXParser, errors) {
  struct {
    const char *items, *message;
  } cases[] = {
      {".global .u32 x\n.global .u32 y;",
       "t.ptx:5:1: error: expected ';' after the declaration, and this is '.global'"},
      {".global .u33 x;", "t.ptx:4:9: error: '.u33' is no type"},
      {".global .u32 x; .global .u32 x;", "'x' is defined twice"},
      {".global .u32 x[2] = {1, 2, 3};", "'x' has more values than elements"},
      {".global .u32 x[99999999999999];", "no size that memory can hold"},
      {".global .u64 x = y;", "t.ptx:4:18: error: 'y' is not declared"},
      {".shared .u32 x = 1;", "only global and const variables have values from the start"},
      {".global .u32 x = 1 / 0;", "a division by 0"},
      {".global .texref t;", "textures and surfaces ('.texref') are not supported"},
      {".entry k() { bra L; }", "t.ptx:4:18: error: 'L' is not declared"},
      {".entry k() { L: L: ret; }", "label 'L' is there twice"},
      {".entry k() { mov.u32 %r1, 0; }", "'%r1' is neither a declared nor a predefined register"},
      {".entry k() { .reg .b32 %r<2>; mov.u32 %r2, 0; }", "'%r2' is neither"},
      {".entry k() { .reg .b32 %r<2>; @%r1 ret; }", "'%r1' is no predicate"},
      {".entry k() { .reg .b32 %r<2>; .reg .f32 %r<3>; }", "'%r' is declared twice"},
      {".entry k() { ret }", "expected ';' after the instruction, and this is '}'"},
      {".entry k() { ret;", "expected '}' at the end of the function, and the text ends here"},
      {".func f(.reg .b32 x) { ret; }", "parameters in registers are not supported"},
      {".entry k() { ret; } .entry k() { ret; }", "'k' is defined twice"},
      {".entry k() { .branchtargets A; }", "'.branchtargets' is no directive of a function's body"},
  };
  for (const auto &test : cases)
    EXPECT_NE(errorOf(test.items).find(test.message), std::string::npos) << test.items << "\n" << errorOf(test.items);
  EXPECT_NE(errorOf("", ".version 5.0\n").find("PTX ISA 5.0 is not supported"), std::string::npos);
  EXPECT_NE(errorOf("", ".version 7.0\n.target sm_80\n.address_size 32\n").find("addresses of 64 bits"),
            std::string::npos);
}

TEST(PTXParser, oneErrorForEachStatement) {
  std::string text = errorOf(body("  add.u32 %r1, 1;\n  ret;\n  bra #;\n  ret;\n"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
}

/// No text, however deep or long, ends in anything but a module or an error.
TEST(PTXParser, deepAndLongTexts) {
  for (const char *piece : {"{", "(", "[", "-", "!", "1+(", "{{", "a|"}) {
    std::string many;
    for (unsigned i = 0; i != 100000; ++i)
      many += piece;
    EXPECT_NE(errorOf(body("mov.u32 " + many)), "");
    EXPECT_NE(errorOf(".global .u32 x = " + many), "");
    EXPECT_NE(errorOf(body(many)), "");
  }
}

} // namespace
