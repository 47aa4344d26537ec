//===- LayoutTool.cpp - tile-layout -----------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A layout is shown, an operation prints its result on the first line. Lines of
// operations are read with --batch.

#include "tilec/Driver/LayoutTool.h"

#include "tilec/Driver/CommandLine.h"
#include "tilec/Layout/Operations.h"
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
    "integers,\nbasis vectors (1@0) and masks under XOR (^5); swizzles are written Sw<B,M,S> o OFFSET o LAYOUT.";

static const char *const examples = R"(
Examples:
  tile-layout '(4,8):(8,1)'                              a table of all values
  tile-layout 'Sw<2,0,2> o 0 o (4,4):(4,1)'              with a swizzle
  tile-layout compose '(6,2):(8,2)' '(4,3):(3,1)'        ((2,2),3):((24,2),8)
  tile-layout complement 4:2 24                          (2,3):(1,8)
  tile-layout divide '(16,16):(16,1)' '(4,8)'            tile by tile
  tile-layout slice '((2,4),8):((1,16),2)' '((1,_),_)'   1 o (4,8):(16,2)
  tile-layout --svg=a.svg --view=threads '((2,2),(4,8)):((1@1,8@0),(2@1,1@0))'
  tile-layout --json inverse '(8,4):(4,1)'
  echo 'compose | 20:2 | (5,4):(4,1)' | tile-layout --batch
)";

/// The operations, for the help.
static std::string listOperations() {
  std::string text = "\nOperations:\n";
  for (const Operation &operation : operations()) {
    std::string left = std::string(operation.name) + " " + std::string(operation.operands);
    text +=
        "  " + left + std::string(left.size() < 38 ? 38 - left.size() : 1, ' ') + std::string(operation.summary) + "\n";
  }
  return text;
}

/// A tuple as nested arrays; leaves by `leaf`.
template <class T, class Leaf> static llvm::json::Value toJSON(const Tuple<T> &tuple, Leaf leaf) {
  if (tuple.isLeaf())
    return leaf(tuple.leaf());
  llvm::json::Array modes;
  for (const Tuple<T> &mode : tuple.modes())
    modes.push_back(toJSON(mode, leaf));
  return modes;
}

/// An integer stride is a number, any other its text.
static llvm::json::Value strideJSON(const Offset &stride) {
  if (stride.isInteger())
    return stride.integer();
  return print(stride);
}

/// What a layout is made of: text, nested shape and stride, and its sizes.
static llvm::json::Object layoutJSON(const ComposedLayout &composed) {
  const Layout &inner = composed.inner;
  llvm::json::Object object{{"layout", print(composed)},
                            {"shape", toJSON(inner.shape(), [](int64_t leaf) { return llvm::json::Value(leaf); })},
                            {"stride", toJSON(inner.stride(), strideJSON)},
                            {"rank", static_cast<int64_t>(inner.rank())},
                            {"depth", static_cast<int64_t>(inner.depth())},
                            {"size", inner.size()}};
  if (const Swizzle *swizzle = std::get_if<Swizzle>(&composed.outer))
    object["swizzle"] = llvm::json::Array{swizzle->bits(), swizzle->base(), swizzle->shift()};
  else if (const Layout *outer = std::get_if<Layout>(&composed.outer))
    object["outer"] = print(*outer);
  if (!composed.isLayout())
    object["offset"] = composed.offset;
  return object;
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
static Result<std::string> drawView(const std::string &text, const std::string &view, int64_t elementBytes) {
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
  return view == "banks" ? drawBanks(*layout, elementBytes) : drawOffsets(*layout);
}

/// Writes a view as SVG into a file.
static int draw(const CommandLine &line, const std::string &text, const std::string &file, const std::string &view,
                const std::string &elementBytes) {
  if (view != "offsets" && view != "threads" && view != "banks")
    return line.fail("unknown view '" + view + "'; there are offsets, threads and banks");
  int64_t bytes;
  if (!llvm::to_integer(elementBytes, bytes) || bytes < 1 || bytes > 16)
    return line.fail("elements have 1 to 16 bytes, not '" + elementBytes + "'");
  Result<std::string> svg = drawView(text, view, bytes);
  if (!svg)
    return line.fail(svg.message());
  std::error_code error;
  llvm::raw_fd_ostream stream(file, error);
  if (error)
    return line.fail("cannot write " + file + ": " + error.message());
  stream << *svg;
  return 0;
}

/// Runs an operation and prints its result.
static int run(const CommandLine &line, const std::string &name, const Operands &operands, bool json) {
  if (!findOperation(name)) {
    std::vector<std::string> names;
    for (const Operation &operation : operations())
      names.emplace_back(operation.name);
    std::string guess = suggest(name, names);
    if (!llvm::StringRef(guess).starts_with("; did"))
      guess = "; --help lists the operations";
    return line.fail("unknown operation '" + name + "'" + guess);
  }
  Result<std::string> result = runOperation(name, operands);
  if (!result)
    return line.fail(result.message());
  if (!json) {
    llvm::outs() << *result << "\n";
    return 0;
  }
  llvm::json::Object object{{"operation", name}, {"operands", llvm::json::Array(operands)}};
  // A number, a truth value, or a layout; of a layout also what it is made of.
  int64_t number;
  if (llvm::to_integer(*result, number))
    object["result"] = number;
  else if (*result == "true" || *result == "false")
    object["result"] = *result == "true";
  else
    object["result"] = *result;
  if (Result<ComposedLayout> layout = parseComposed(*result); layout && llvm::StringRef(*result).contains(':'))
    for (auto &member : layoutJSON(*layout))
      object.insert({member.first, std::move(member.second)});
  return printJSON(std::move(object)), 0;
}

/// Reads lines `operation | operand | ...` and prints a line for each: the result, or "error: " and the message.
static int runBatch() {
  std::string text;
  while (std::getline(std::cin, text)) {
    llvm::SmallVector<llvm::StringRef> fields;
    llvm::StringRef(text).split(fields, '|');
    Operands operands;
    for (llvm::StringRef field : llvm::drop_begin(fields))
      operands.push_back(field.trim().str());
    Result<std::string> result = runOperation(fields.front().trim(), operands);
    llvm::outs() << (result ? *result : "error: " + result.message()) << "\n";
    llvm::outs().flush();
  }
  return 0;
}

int tilec::runTileLayout(int argc, const char *const *argv) {
  CommandLine line("tile-layout", overview);
  bool json = false, batch = false;
  std::string first, svg, view = "offsets", elementBytes = "4";
  std::vector<std::string> operands;
  line.addPositional("LAYOUT|OPERATION", "A layout to show, or an operation", first, /*required=*/false);
  line.addPositionals("OPERAND...", "What the operation is applied to (`--` before operands that begin with a dash)",
                      operands);
  line.addFlag("json", "Print JSON", json);
  line.addOption("svg", "FILE", "Draw the layout into a file", svg);
  line.addOption("view", "VIEW", "What --svg draws: offsets, threads (a layout from (register, lane, warp)), or banks",
                 view);
  line.addOption("element-bytes", "N", "The size of an element, for --view=banks", elementBytes);
  line.addFlag("batch", "Read lines `operation | operand | ...`, print a line for each", batch);
  line.addEpilogue(listOperations());
  line.addEpilogue(examples);
  if (std::optional<int> status = line.parse(argc, argv))
    return *status;
  if (batch)
    return first.empty() ? runBatch() : line.fail("--batch reads its operations from the standard input");
  if (first.empty())
    return line.fail("a layout or an operation is missing; --help explains");
  // Operations are words; a layout has digits or parentheses.
  bool isOperation = findOperation(first) || !operands.empty() ||
                     (llvm::isAlpha(first.front()) && !llvm::StringRef(first).starts_with("S"));
  if (!svg.empty())
    return isOperation ? line.fail("--svg draws a layout, and " + first + " is an operation")
                       : draw(line, first, svg, view, elementBytes);
  return isOperation ? run(line, first, operands, json) : show(line, first, json);
}
