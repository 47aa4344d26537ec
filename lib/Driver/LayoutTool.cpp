//===- LayoutTool.cpp - tile-layout -----------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A layout is shown, an operation prints its result on the first line. Lines of
// operations are read with --batch.

#include "tilec/Driver/LayoutTool.h"

#include "LayoutJSON.h"

#include "tilec/Driver/CommandLine.h"
#include "tilec/Layout/HardwareAMDGPU.h"
#include "tilec/Layout/HardwarePTX.h"
#include "tilec/Layout/Picture.h"
#include "tilec/Layout/Table.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <iostream>

using namespace tilec;
using namespace tilec::layout;

static const char *const overview =
    "Calculates with layouts and shows them: functions from coordinates to offsets, written shape:stride. Strides are "
    "integers,\nbasis vectors (1@0) and masks under XOR (^5); swizzles are written Sw<B,M,S> o OFFSET o LAYOUT. Many "
    "operations take sizes\nwith symbols, (M,64):(64,1).";

static const char *const examples = R"(
Examples:
  tile-layout '(4,8):(8,1)'                              a table of all values
  tile-layout 'Sw<2,0,2> o 0 o (4,4):(4,1)'              with a swizzle
  tile-layout compose '(6,2):(8,2)' '(4,3):(3,1)'        ((2,2),3):((24,2),8)
  tile-layout complement 4:2 24                          (2,3):(1,8)
  tile-layout divide '(16,16):(16,1)' '(4,8)'            tile by tile
  tile-layout slice '((2,4),8):((1,16),2)' '((1,_),_)'   1 o (4,8):(16,2)
  tile-layout bank-conflicts 32:2                        two lanes meet in each bank
  tile-layout convert '(4,4):(1@0,1@1)' '(4,4):(1@1,1@0)'  registers and lanes exchanged
  tile-layout --svg=a.svg --view=threads '((2,2),(4,8)):((1@1,8@0),(2@1,1@0))'
  tile-layout --assume='M % 64 = 0' divide '(M,64):(64,1)' '(64,16)'
  tile-layout bind '(M,64):(64,1)' M=128                 (128,64):(64,1)
  tile-layout --json inverse '(8,4):(4,1)'
  echo 'compose | 20:2 | (5,4):(4,1)' | tile-layout --batch
)";

/// A line of the help for each operation or question.
template <class Table> static std::string list(const char *title, const Table &table) {
  std::string text = title;
  for (const auto &entry : table) {
    std::string left = std::string(entry.name) + " " + std::string(entry.operands);
    text += "  " + left + std::string(left.size() < 38 ? 38 - left.size() : 1, ' ') + std::string(entry.summary) + "\n";
  }
  return text;
}

static void printJSON(llvm::json::Object object) { llvm::outs() << llvm::json::Value(std::move(object)) << "\n"; }

/// Shows a layout: itself on the first line, then all its values.
static int show(const CommandLine &line, const std::string &text, bool json) {
  Result<ComposedLayout> layout = parseComposed(text);
  if (!layout)
    return line.fail(layout.message());
  if (json) {
    llvm::json::Object object = layoutJSON(*layout);
    Result<std::vector<std::string>> values = valuesAsText(*layout);
    if (!values)
      return line.fail(values.message());
    llvm::json::Array array;
    for (const std::string &value : *values) {
      int64_t number;
      array.push_back(llvm::to_integer(value, number) ? llvm::json::Value(number) : llvm::json::Value(value));
    }
    object["values"] = std::move(array);
    return printJSON(std::move(object)), 0;
  }
  Result<std::string> table = printTable(*layout);
  if (!table)
    return line.fail(table.message());
  llvm::outs() << print(*layout) << "\n" << *table;
  return 0;
}

/// Draws a view of a layout: where elements lie, who holds them, or in which banks they are.
static Result<std::string> drawView(const std::string &text, const std::string &view, const BankModel &banks,
                                    int64_t elementBytes) {
  if (view == "threads") {
    Result<Layout> layout = parseLayout(text);
    if (!layout)
      return layout.error();
    Result<DistributedLayout> threads = DistributedLayout::make(*layout);
    if (!threads)
      return threads.error();
    return drawThreads(*threads);
  }
  Result<ComposedLayout> layout = parseComposed(text);
  if (!layout)
    return layout.error();
  return view == "banks" ? drawBanks(*layout, elementBytes, banks.numBanks, banks.bankBytes) : drawOffsets(*layout);
}

/// Writes a view as SVG into a file.
static int draw(const CommandLine &line, const std::string &text, const std::string &file, const std::string &view,
                const AccessSetting &setting) {
  if (view != "offsets" && view != "threads" && view != "banks")
    return line.fail("unknown view '" + view + "'; there are offsets, threads and banks");
  Result<std::string> svg = drawView(text, view, *setting.banks, setting.elementBytes);
  if (!svg)
    return line.fail(svg.message());
  std::error_code error;
  llvm::raw_fd_ostream stream(file, error);
  if (error)
    return line.fail("cannot write " + file + ": " + error.message());
  stream << *svg;
  return 0;
}

/// Asks a question: the layout on the first line, then a line for each fact.
static int ask(const CommandLine &line, const std::string &name, const Operands &operands, const AccessSetting &setting,
               bool json) {
  Result<Answer> answer = askQuestion(name, operands, setting);
  if (!answer)
    return line.fail(answer.message());
  if (json)
    return printJSON(answerJSON(name, operands, *answer)), 0;
  llvm::outs() << answer->layout << "\n";
  for (const auto &[fact, value] : answer->facts)
    llvm::outs() << fact << ": " << print(value) << "\n";
  return 0;
}

/// Runs an operation and prints its result.
static int run(const CommandLine &line, const std::string &name, const Operands &operands,
               const Assumptions &assumptions, bool json) {
  if (!findOperation(name)) {
    std::vector<std::string> names;
    for (const Operation &operation : operations())
      names.emplace_back(operation.name);
    for (const Question &question : questions())
      names.emplace_back(question.name);
    std::string guess = suggest(name, names);
    if (!llvm::StringRef(guess).starts_with("; did"))
      guess = "; --help lists the operations";
    return line.fail("unknown operation '" + name + "'" + guess);
  }
  Result<std::string> result = runOperation(name, operands, assumptions);
  if (!result)
    return line.fail(result.message());
  if (!json) {
    llvm::outs() << *result << "\n";
    return 0;
  }
  return printJSON(resultJSON(name, operands, *result)), 0;
}

/// The line that batch mode prints: the result of an operation, or the layout and the facts of an answer.
static Result<std::string> resultLine(llvm::StringRef name, const Operands &operands, const AccessSetting &setting,
                                      const Assumptions &assumptions) {
  if (!findQuestion(name))
    return runOperation(name, operands, assumptions);
  Result<Answer> answer = askQuestion(name, operands, setting);
  if (!answer)
    return answer.error();
  std::string text = answer->layout;
  for (const auto &[fact, value] : answer->facts)
    text += "; " + fact + ": " + print(value);
  return text;
}

/// Reads lines `operation | operand | ...` and prints a line for each: the result, or "error: " and the message.
static int runBatch(const AccessSetting &setting, const Assumptions &assumptions) {
  std::string text;
  while (std::getline(std::cin, text)) {
    llvm::SmallVector<llvm::StringRef> fields;
    llvm::StringRef(text).split(fields, '|');
    Operands operands;
    for (llvm::StringRef field : llvm::drop_begin(fields))
      operands.push_back(field.trim().str());
    Result<std::string> result = resultLine(fields.front().trim(), operands, setting, assumptions);
    llvm::outs() << (result ? *result : "error: " + result.message()) << "\n";
    llvm::outs().flush();
  }
  return 0;
}

/// Fills in what the options say about accesses; an error's sentence where they are wrong.
static std::optional<std::string> readSetting(const std::string &elementBytes, const std::string &access,
                                              const std::string &banks, AccessSetting &setting) {
  if (!llvm::to_integer(elementBytes, setting.elementBytes) || setting.elementBytes < 1 || setting.elementBytes > 16)
    return "elements have 1 to 16 bytes, not '" + elementBytes + "'";
  if (access != "read" && access != "write")
    return "an access is a read or a write, not '" + access + "'";
  setting.kind = access == "read" ? AccessKind::Read : AccessKind::Write;
  if (banks != "nvptx" && banks != "amdgpu")
    return "unknown banks '" + banks + "'; there are nvptx and amdgpu";
  setting.banks = banks == "nvptx" ? &ptx::sharedMemoryBanks() : &amdgpu::localDataShareBanks();
  return std::nullopt;
}

int tilec::runTileLayout(int argc, const char *const *argv) {
  CommandLine line("tile-layout", overview);
  bool json = false, batch = false;
  std::string first, svg, view = "offsets", elementBytes = "4", access = "read", banks = "nvptx";
  std::vector<std::string> operands;
  line.addPositional("LAYOUT|OPERATION", "A layout to show, or an operation", first, /*required=*/false);
  line.addPositionals("OPERAND...", "What the operation is applied to (`--` before operands that begin with a dash)",
                      operands);
  line.addFlag("json", "Print JSON", json);
  line.addOption("svg", "FILE", "Draw the layout into a file", svg);
  line.addOption("view", "VIEW", "What --svg draws: offsets, threads (a layout from (register, lane, warp)), or banks",
                 view);
  line.addOption("element-bytes", "N", "The size of an element in memory, 4 unless given", elementBytes);
  line.addOption("access", "KIND", "What bank-conflicts counts: read (unless given) or write", access);
  line.addOption("banks", "MODEL", "The banks of shared memory: nvptx (unless given) or amdgpu", banks);
  Assumptions assumptions;
  line.addOption("assume", "FACT", "What is known of a symbol: 'M % 64 = 0' or 'M >= 4'; may be given several times",
                 [&](llvm::StringRef text) -> llvm::Error {
                   if (Status added = assumptions.add(text); !added)
                     return llvm::createStringError(added.message());
                   return llvm::Error::success();
                 });
  line.addFlag("batch", "Read lines `operation | operand | ...`, print a line for each", batch);
  line.addEpilogue(list("\nOperations, which print their result:\n", operations()));
  line.addEpilogue(list("\nQuestions, which print a layout on the first line, then facts:\n", questions()));
  line.addEpilogue(examples);
  if (std::optional<int> status = line.parse(argc, argv))
    return *status;
  AccessSetting setting;
  if (std::optional<std::string> wrong = readSetting(elementBytes, access, banks, setting))
    return line.fail(*wrong);
  if (batch)
    return first.empty() ? runBatch(setting, assumptions)
                         : line.fail("--batch reads its operations from the standard input");
  if (first.empty())
    return line.fail("a layout or an operation is missing; --help explains");
  // Operations are words; a layout has digits or parentheses.
  bool isOperation = findOperation(first) || findQuestion(first) || !operands.empty() ||
                     (llvm::isAlpha(first.front()) && !llvm::StringRef(first).starts_with("S") &&
                      !llvm::StringRef(first).contains(':'));
  if (std::optional<std::string> symbol = findSymbol(first); symbol && !isOperation)
    return line.fail(*symbol + " has no value, and what is shown are numbers: bind it first, as in bind '" + first +
                     "' " + *symbol + "=64");
  if (!svg.empty())
    return isOperation ? line.fail("--svg draws a layout, and " + first + " is an operation")
                       : draw(line, first, svg, view, setting);
  if (findQuestion(first))
    return ask(line, first, operands, setting, json);
  return isOperation ? run(line, first, operands, assumptions, json) : show(line, first, json);
}
