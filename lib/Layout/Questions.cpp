//===- Questions.cpp - What a compiler asks, over text ----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/Questions.h"

#include "tilec/Layout/Algebra.h"
#include "tilec/Layout/Conversion.h"
#include "tilec/Layout/HardwarePTX.h"

using namespace tilec::layout;

//===----------------------------------------------------------------------===//
// Facts
//===----------------------------------------------------------------------===//

namespace {
/// Prints each kind of value.
struct FactPrinter {
  std::string operator()(int64_t number) const { return std::to_string(number); }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(const std::string &text) const { return text; }
  std::string operator()(const std::vector<int64_t> &list) const {
    std::string text;
    for (int64_t number : list)
      text += (text.empty() ? "" : " ") + std::to_string(number);
    return text;
  }
};
} // namespace

std::string tilec::layout::print(const FactValue &value) { return std::visit(FactPrinter(), value); }

static std::vector<int64_t> list(const std::vector<int32_t> &values) { return {values.begin(), values.end()}; }

/// "none: " and the reason, where there is no layout.
template <class T> static std::string layoutOrReason(const Result<T> &layout) {
  return layout ? print(*layout) : "none: " + layout.message();
}

//===----------------------------------------------------------------------===//
// Threads and memory
//===----------------------------------------------------------------------===//

namespace {
/// Who accesses a memory, and where.
struct TileInMemory {
  DistributedLayout threads;
  ComposedLayout memory;
  /// From (register, lane, warp) to offsets.
  std::string map;
};
} // namespace

/// No question is about more registers of all threads together.
static constexpr int64_t maxValues = int64_t(1) << 20;

static Result<DistributedLayout> makeThreads(const Layout &layout) {
  if (layout.size() > maxValues)
    return Error{print(layout) + " has " + std::to_string(layout.size()) +
                 " registers of all threads together, more than the 2^20 that are looked at"};
  return DistributedLayout::make(layout);
}

static Result<DistributedLayout> parseThreads(const std::string &operand) {
  Result<Layout> layout = parseLayout(operand);
  if (!layout)
    return layout.error();
  return makeThreads(*layout);
}

/// A map from (register, lane, warp) as a memory that the threads access at their own numbers.
static Result<TileInMemory> numberedThreads(const ComposedLayout &map) {
  std::vector<Layout> modes = map.inner.modes();
  if (modes.size() == 1)
    modes.insert(modes.begin(), Layout());
  if (modes.size() > 3)
    return Error{"the modes of a map to offsets are (register, lane, warp), but " + print(map.inner) + " has " +
                 std::to_string(modes.size())};
  // Modes of one element are no dims of the tile.
  std::vector<Layout> dims;
  std::vector<Mode> threads;
  for (const Layout &mode : modes) {
    bool isDim = mode.size() > 1;
    threads.push_back({mode.size(), isDim ? Offset::basis({static_cast<int32_t>(dims.size())}) : Offset(0)});
    if (isDim)
      dims.push_back(mode);
  }
  if (dims.empty())
    return Error{"one lane at one element has no conflicts: give a map from all lanes of a warp, such as 32:2"};
  Result<Layout> numbers = Layout::make(Profile::flat(threads.size()), std::move(threads));
  if (!numbers)
    return numbers.error();
  Result<DistributedLayout> distributed = makeThreads(*numbers);
  Result<Layout> inner = dims.size() == 1 ? Result<Layout>(dims.front()) : Layout::make(dims);
  if (!distributed || !inner)
    return distributed ? inner.error() : distributed.error();
  return TileInMemory{std::move(*distributed), {map.outer, map.offset, std::move(*inner)}, print(map)};
}

static Result<TileInMemory> parseTileInMemory(const Operands &operands) {
  Result<ComposedLayout> memory = parseComposed(operands[0]);
  if (!memory)
    return memory.error();
  if (operands.size() == 1)
    return numberedThreads(*memory);
  Result<DistributedLayout> threads = parseThreads(operands[1]);
  if (!threads)
    return threads.error();
  Result<ComposedLayout> map = onInner(*memory, [&](const Layout &a) { return composition(a, threads->layout()); });
  return TileInMemory{std::move(*threads), std::move(*memory), layoutOrReason(map)};
}

static void addCost(Answer &answer, const TileCost &cost, const std::string &side) {
  answer.facts.insert(answer.facts.end(), {{side + "wavefronts", cost.wavefronts},
                                           {side + "wavefronts without conflicts", cost.ideal},
                                           {side + "conflicts", cost.wavefronts - cost.ideal},
                                           {side + "instructions", cost.instructions},
                                           {side + "bytes of a lane", cost.vectorBytes}});
}

static Result<Answer> askBankConflicts(const Operands &operands, const AccessSetting &setting) {
  Result<TileInMemory> tile = parseTileInMemory(operands);
  if (!tile)
    return tile.error();
  Result<TileCost> cost = tileCost(tile->threads, tile->memory, setting.elementBytes, *setting.banks, setting.kind);
  if (!cost)
    return cost.error();
  Answer answer{tile->map, {}};
  addCost(answer, *cost, "");
  return answer;
}

static Result<Answer> askVectorWidth(const Operands &operands, const AccessSetting &setting) {
  Result<TileInMemory> tile = parseTileInMemory(operands);
  if (!tile)
    return tile.error();
  Result<int64_t> width = vectorWidth(tile->threads, tile->memory, setting.elementBytes);
  if (!width)
    return width.error();
  return Answer{tile->map, {{"elements of a vector", *width}, {"bytes of a vector", *width * setting.elementBytes}}};
}

static Result<Answer> askSectors(const Operands &operands, const AccessSetting &setting) {
  Result<TileInMemory> tile = parseTileInMemory(operands);
  if (!tile)
    return tile.error();
  const DistributedLayout &threads = tile->threads;
  Result<int64_t> width = vectorWidth(threads, tile->memory, setting.elementBytes);
  Result<std::vector<int64_t>> offsets = offsetsInMemory(threads, tile->memory);
  if (!width || !offsets)
    return width ? offsets.error() : width.error();
  int64_t bytes = *width * setting.elementBytes;
  Vectors vectors = findVectors(*offsets, threads.numRegisters(), *width);
  WarpAccess access{std::vector<std::optional<int64_t>>(static_cast<size_t>(threads.numLanes())), bytes, setting.kind};
  int64_t instructions = 0;
  SectorUse all;
  for (int64_t first = 0; first < threads.numThreads(); first += threads.numLanes())
    for (const std::vector<int64_t> &registers : vectors.registers) {
      for (int64_t lane = 0; lane < threads.numLanes(); ++lane)
        access.addresses[static_cast<size_t>(lane)] =
            setting.elementBytes *
            (*offsets)[static_cast<size_t>(registers.front() + (first + lane) * threads.numRegisters())];
      Result<SectorUse> use = countSectors(access);
      if (!use)
        return use.error();
      ++instructions;
      all.sectors += use->sectors;
      all.lines += use->lines;
    }
  return Answer{tile->map,
                {{"sectors of 32 bytes", all.sectors},
                 {"lines of 128 bytes", all.lines},
                 {"instructions", instructions},
                 {"bytes of a lane", bytes}}};
}

static Result<Answer> askFindSwizzle(const Operands &operands, const AccessSetting &setting) {
  Result<Layout> memory = parseLayout(operands[0]);
  if (!memory)
    return memory.error();
  std::vector<TileAccess> accesses;
  for (size_t i = 1; i < operands.size(); ++i) {
    Result<DistributedLayout> threads = parseThreads(operands[i]);
    if (!threads)
      return threads.error();
    accesses.push_back({std::move(*threads), i == 1 ? AccessKind::Write : AccessKind::Read, 0});
  }
  Result<SwizzleChoice> choice = findSwizzle(*memory, setting.elementBytes, accesses, *setting.banks);
  if (!choice)
    return choice.error();
  ComposedLayout result{choice->swizzle, 0, *memory};
  if (!choice->swizzle.bits())
    result.outer = std::monostate();
  Answer answer{print(result),
                {{"wavefronts", choice->wavefronts},
                 {"wavefronts without conflicts", choice->ideal},
                 {"swizzles judged", choice->candidates}}};
  for (size_t i = 0; i < choice->costs.size(); ++i)
    addCost(answer, choice->costs[i], i ? "read " + std::to_string(i) + ": " : "write: ");
  return answer;
}

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

/// The layout R with from(R(i)) = to(i), checked value by value.
static Result<Layout> sourceOf(const DistributedLayout &from, const DistributedLayout &to) {
  Result<Layout> inverse = rightInverse(from.layout());
  if (!inverse)
    return inverse;
  Result<Layout> source = composition(*inverse, to.layout());
  if (!source)
    return source;
  int64_t count = from.numRegisters() * from.numThreads();
  for (int64_t place = 0; place < to.numRegisters() * to.numThreads(); ++place) {
    std::optional<int64_t> held = (*source)(place).asNumber();
    if (!held || *held < 0 || *held >= count ||
        from.element(*held % from.numRegisters(), *held / from.numRegisters()) !=
            to.element(place % to.numRegisters(), place / to.numRegisters()))
      return Error{"the places of the old distribution are no layout of those of the new one"};
  }
  return source;
}

static void addShuffles(Answer &answer, const Conversion &conversion) {
  answer.facts.emplace_back("own registers", list(conversion.own));
  if (conversion.kind != ConversionKind::WithinWarp)
    return;
  answer.facts.emplace_back("shuffles", static_cast<int64_t>(conversion.shuffles.size()));
  answer.facts.emplace_back("proven to be the fewest", conversion.fewest);
  for (size_t i = 0; i < conversion.shuffles.size(); ++i) {
    const Shuffle &shuffle = conversion.shuffles[i];
    std::string name = "shuffle " + std::to_string(i + 1);
    if (shuffle.butterfly)
      answer.facts.emplace_back(name + " xor", static_cast<int64_t>(*shuffle.butterfly));
    answer.facts.emplace_back(name + " offers register", list(shuffle.offered));
    answer.facts.emplace_back(name + " takes from lane", list(shuffle.lane));
    answer.facts.emplace_back(name + " into register", list(shuffle.target));
  }
}

static Result<Answer> askConvert(const Operands &operands, const AccessSetting &setting) {
  Result<DistributedLayout> from = parseThreads(operands[0]), to = parseThreads(operands[1]);
  if (!from || !to)
    return from ? to.error() : from.error();
  Result<Conversion> conversion = convert(*from, *to);
  if (!conversion)
    return conversion.error();
  Answer answer{layoutOrReason(sourceOf(*from, *to)), {{"kind", std::string(print(conversion->kind))}}};
  switch (conversion->kind) {
  case ConversionKind::Free:
    answer.facts.emplace_back("renaming", list(conversion->renaming));
    break;
  case ConversionKind::WithinThread:
  case ConversionKind::WithinWarp:
    addShuffles(answer, *conversion);
    break;
  case ConversionKind::ThroughSharedMemory:
    Result<SharedMemoryPlan> plan = planThroughSharedMemory(*from, *to, setting.elementBytes, *setting.banks);
    if (!plan) {
      answer.facts.emplace_back("memory", "none: " + plan.message());
      break;
    }
    answer.facts.emplace_back("memory", print(plan->memory));
    addCost(answer, plan->write, "write: ");
    addCost(answer, plan->read, "read: ");
    break;
  }
  return answer;
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

const std::vector<Question> &tilec::layout::questions() {
  static const std::vector<Question> table = {
      {"convert", "FROM TO", 2, 2, "where the values of one distribution are in another, and what moves them",
       askConvert},
      {"bank-conflicts", "MEMORY [THREADS]", 1, 2, "the wavefronts of an access to shared memory", askBankConflicts},
      {"sectors", "MEMORY [THREADS]", 1, 2, "the sectors of an access to global memory", askSectors},
      {"vector-width", "MEMORY [THREADS]", 1, 2, "the elements that one instruction can take", askVectorWidth},
      {"find-swizzle", "MEMORY WRITE READ...", 3, 64, "the best swizzle for writing and reading threads",
       askFindSwizzle},
  };
  return table;
}

const Question *tilec::layout::findQuestion(std::string_view name) {
  for (const Question &question : questions())
    if (question.name == name)
      return &question;
  return nullptr;
}

Result<Answer> tilec::layout::askQuestion(std::string_view name, const Operands &operands,
                                          const AccessSetting &setting) {
  const Question *question = findQuestion(name);
  if (!question)
    return Error{"there is no question '" + std::string(name) + "'"};
  if (operands.size() < question->minOperands || operands.size() > question->maxOperands)
    return Error{std::string(name) + " takes the operands " + std::string(question->operands) + ", but " +
                 std::to_string(operands.size()) + " were given"};
  for (const std::string &operand : operands)
    if (std::optional<std::string> symbol = findSymbol(operand))
      return Error{std::string(name) + " takes numbers, and " + *symbol + " in '" + operand +
                   "' is a symbol: bind it first"};
  AccessSetting complete = setting;
  if (!complete.banks)
    complete.banks = &ptx::sharedMemoryBanks();
  return question->ask(operands, complete);
}
