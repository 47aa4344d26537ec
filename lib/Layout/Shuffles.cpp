//===- Shuffles.cpp - The shuffles of a conversion --------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One shuffle is a round: each lane offers one value and takes one. Moves from lane to lane are the edges of a
// bipartite graph (offering lanes, taking lanes), and rounds are its colours. Where each element has one holder and one
// taker, as many colours are enough as the busiest lane has moves (D. König, 1916), and the colouring below finds them
// by exchanging two colours along a path. Where an element has several takers, a lane offers it to all of them in one
// round; where it has several holders, the least busy one offers it. Rounds are then filled greedily.
//
//===----------------------------------------------------------------------===//

#include "Shuffles.h"

#include <algorithm>
#include <map>

using namespace tilec::layout;

namespace {

/// A value that a lane wants and does not hold.
struct Move {
  int32_t taker, target;
  int64_t element;
  int32_t holder = -1, offered = -1;
  int32_t round = -1;
};

/// The moves inside of one warp, and the colouring of them by rounds.
class WarpMoves {
public:
  WarpMoves(const DistributedLayout &from, const DistributedLayout &to, int64_t warp, std::vector<int32_t> &own);

  /// The most values that a lane takes, or that lanes which alone hold them have to offer.
  int32_t bound() const;
  /// Assigns rounds, and returns their number.
  int32_t colour();
  /// Assigns rounds in each of which all lanes exchange with the lanes at one XOR distance; false, and nothing is
  /// assigned, where the moves are not of this form. `masks` are the distances of the rounds.
  bool colourByDistance(const std::vector<int32_t> &masks);
  /// How many moves each lane takes from each distance, if that is the same for all lanes.
  std::optional<std::map<int32_t, int32_t>> distances() const;

  std::vector<Move> moves;

private:
  bool chooseHolders(const std::map<int64_t, std::vector<std::pair<int32_t, int32_t>>> &holders);
  int32_t colourPaths();
  int32_t colourGreedily();

  int32_t numLanes;
  bool simple = true;
};

} // namespace

WarpMoves::WarpMoves(const DistributedLayout &from, const DistributedLayout &to, int64_t warp,
                     std::vector<int32_t> &own)
    : numLanes(static_cast<int32_t>(to.numLanes())) {
  std::map<int64_t, std::vector<std::pair<int32_t, int32_t>>> holders;
  for (int32_t lane = 0; lane < numLanes; ++lane)
    for (int32_t reg = 0; reg < from.numRegisters(); ++reg) {
      auto &list = holders[from.element(reg, warp * numLanes + lane)];
      if (list.empty() || list.back().first != lane)
        list.emplace_back(lane, reg);
    }
  for (int32_t lane = 0; lane < numLanes; ++lane) {
    int64_t thread = warp * numLanes + lane;
    std::map<int64_t, int32_t> seen;
    for (int32_t reg = 0; reg < to.numRegisters(); ++reg) {
      int64_t element = to.element(reg, thread);
      int32_t &place = own[static_cast<size_t>(reg + thread * to.numRegisters())];
      const auto &list = holders[element];
      auto mine = std::find_if(list.begin(), list.end(), [&](auto holder) { return holder.first == lane; });
      auto [first, fresh] = seen.emplace(element, reg);
      if (mine != list.end())
        place = mine->second;
      else if (!fresh)
        place = -2 - first->second;
      else
        moves.push_back({lane, reg, element});
    }
  }
  simple = chooseHolders(holders);
}

/// Sets who offers; false where an element has several holders or takers.
bool WarpMoves::chooseHolders(const std::map<int64_t, std::vector<std::pair<int32_t, int32_t>>> &holders) {
  bool single = true;
  std::vector<int32_t> load(static_cast<size_t>(numLanes));
  std::map<int64_t, int32_t> takers;
  for (Move &move : moves) {
    const auto &list = holders.at(move.element);
    auto holder = std::min_element(list.begin(), list.end(), [&](auto a, auto b) {
      return load[static_cast<size_t>(a.first)] < load[static_cast<size_t>(b.first)];
    });
    single &= list.size() == 1 && ++takers[move.element] == 1;
    move.holder = holder->first;
    move.offered = holder->second;
    ++load[static_cast<size_t>(move.holder)];
  }
  return single;
}

int32_t WarpMoves::bound() const {
  std::vector<int32_t> taken(static_cast<size_t>(numLanes)), offered = taken;
  for (const Move &move : moves) {
    ++taken[static_cast<size_t>(move.taker)];
    ++offered[static_cast<size_t>(move.holder)];
  }
  int32_t most = 0;
  for (size_t lane = 0; lane < taken.size(); ++lane)
    most = std::max({most, taken[lane], simple ? offered[lane] : 0});
  return most;
}

int32_t WarpMoves::colour() { return simple ? colourPaths() : colourGreedily(); }

int32_t WarpMoves::colourPaths() {
  int32_t rounds = bound();
  // The move of each lane in each round, or -1: at the offering and at the taking side.
  std::vector<std::vector<int32_t>> offers(static_cast<size_t>(numLanes),
                                           std::vector<int32_t>(static_cast<size_t>(rounds), -1)),
      takes = offers;
  auto firstFree = [](const std::vector<int32_t> &used) {
    return static_cast<int32_t>(std::find(used.begin(), used.end(), -1) - used.begin());
  };
  for (int32_t i = 0; i < static_cast<int32_t>(moves.size()); ++i) {
    Move &move = moves[static_cast<size_t>(i)];
    auto &offer = offers[static_cast<size_t>(move.holder)], &take = takes[static_cast<size_t>(move.taker)];
    int32_t a = firstFree(offer), b = firstFree(take);
    // From the taker on, exchange a and b along the path of moves in rounds a, b, a, ...: it does not end at the
    // holder, where a is free, since it reaches offering lanes by a. Then a is free at both.
    std::vector<int32_t> path;
    if (a != b) {
      bool atTaker = true;
      for (int32_t next = take[static_cast<size_t>(a)]; next >= 0;) {
        path.push_back(next);
        const Move &step = moves[static_cast<size_t>(next)];
        atTaker = !atTaker;
        next = atTaker ? takes[static_cast<size_t>(step.taker)][static_cast<size_t>(a)]
                       : offers[static_cast<size_t>(step.holder)][static_cast<size_t>(b)];
      }
    }
    auto place = [&](int32_t index, bool clear) {
      const Move &step = moves[static_cast<size_t>(index)];
      int32_t value = clear ? -1 : index;
      offers[static_cast<size_t>(step.holder)][static_cast<size_t>(step.round)] = value;
      takes[static_cast<size_t>(step.taker)][static_cast<size_t>(step.round)] = value;
    };
    for (int32_t step : path)
      place(step, /*clear=*/true);
    for (int32_t step : path) {
      Move &exchanged = moves[static_cast<size_t>(step)];
      exchanged.round = exchanged.round == a ? b : a;
      place(step, /*clear=*/false);
    }
    move.round = a;
    place(i, /*clear=*/false);
  }
  return rounds;
}

int32_t WarpMoves::colourGreedily() {
  int32_t rounds = 0;
  for (size_t left = moves.size(); left; ++rounds) {
    std::vector<int64_t> offering(static_cast<size_t>(numLanes), -1);
    std::vector<bool> takes(static_cast<size_t>(numLanes));
    for (Move &move : moves) {
      int64_t &offer = offering[static_cast<size_t>(move.holder)];
      if (move.round >= 0 || takes[static_cast<size_t>(move.taker)] || (offer >= 0 && offer != move.element))
        continue;
      offer = move.element;
      takes[static_cast<size_t>(move.taker)] = true;
      move.round = rounds;
      --left;
    }
  }
  return rounds;
}

std::optional<std::map<int32_t, int32_t>> WarpMoves::distances() const {
  std::vector<std::map<int32_t, int32_t>> counts(static_cast<size_t>(numLanes));
  for (const Move &move : moves)
    ++counts[static_cast<size_t>(move.taker)][move.taker ^ move.holder];
  for (const auto &count : counts)
    if (count != counts.front())
      return std::nullopt;
  return counts.front();
}

bool WarpMoves::colourByDistance(const std::vector<int32_t> &masks) {
  std::vector<std::vector<bool>> takes(static_cast<size_t>(numLanes), std::vector<bool>(masks.size()));
  for (Move &move : moves)
    for (size_t round = 0; round < masks.size() && move.round < 0; ++round)
      if (masks[round] == (move.taker ^ move.holder) && !takes[static_cast<size_t>(move.taker)][round]) {
        takes[static_cast<size_t>(move.taker)][round] = true;
        move.round = static_cast<int32_t>(round);
      }
  return std::all_of(moves.begin(), moves.end(), [](const Move &move) { return move.round >= 0; });
}

/// The distances of the rounds, where all lanes of all warps take equally many values from each.
static std::optional<std::vector<int32_t>> commonMasks(const std::vector<WarpMoves> &warps) {
  std::optional<std::map<int32_t, int32_t>> common = warps.front().distances();
  for (const WarpMoves &warp : warps)
    if (!common || warp.distances() != common)
      return std::nullopt;
  std::vector<int32_t> masks;
  for (auto [mask, count] : *common)
    masks.insert(masks.end(), static_cast<size_t>(count), mask);
  return masks;
}

void tilec::layout::findShuffles(const DistributedLayout &from, const DistributedLayout &to, Conversion &result) {
  int64_t numWarps = to.numThreads() / to.numLanes();
  result.own.assign(static_cast<size_t>(to.numRegisters() * to.numThreads()), -1);
  std::vector<WarpMoves> warps;
  int32_t bound = 0;
  for (int64_t warp = 0; warp < numWarps; ++warp) {
    warps.emplace_back(from, to, warp, result.own);
    bound = std::max(bound, warps.back().bound());
  }
  std::optional<std::vector<int32_t>> masks = commonMasks(warps);
  int32_t rounds = masks ? static_cast<int32_t>(masks->size()) : 0;
  for (WarpMoves &warp : warps) {
    if (!masks)
      rounds = std::max(rounds, warp.colour());
    else
      warp.colourByDistance(*masks);
  }
  result.fewest = rounds == bound;

  std::vector<int32_t> none(static_cast<size_t>(to.numThreads()), -1);
  result.shuffles.assign(static_cast<size_t>(rounds), Shuffle{none, none, none, std::nullopt});
  for (int64_t warp = 0; warp < numWarps; ++warp)
    for (const Move &move : warps[static_cast<size_t>(warp)].moves) {
      Shuffle &shuffle = result.shuffles[static_cast<size_t>(move.round)];
      size_t first = static_cast<size_t>(warp * to.numLanes());
      shuffle.offered[first + static_cast<size_t>(move.holder)] = move.offered;
      shuffle.lane[first + static_cast<size_t>(move.taker)] = move.holder;
      shuffle.target[first + static_cast<size_t>(move.taker)] = move.target;
      if (masks)
        shuffle.butterfly = (*masks)[static_cast<size_t>(move.round)];
    }
}
