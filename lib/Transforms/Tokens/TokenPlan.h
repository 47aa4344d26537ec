//===- TokenPlan.h - which tokens every access shall wait for ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_TRANSFORMS_TOKENS_TOKENPLAN_H
#define TILEC_LIB_TRANSFORMS_TOKENS_TOKENPLAN_H

#include "tilec/Analysis/Access.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/MapVector.h"

namespace tilec {

/// The tokens of a kernel as they shall be: for each access the tokens that it waits for, and for loops, branches and
/// selects the *channels* by which tokens go in and out, each with the tokens that are put in. Building it changes no
/// IR; rethreadTokens does.
struct TokenPlan {
  /// A token that exists in the new kernel, by index into `nodes`.
  using Node = unsigned;
  using List = llvm::SmallVector<Node, 4>; // Sorted, each once.

  struct Token {
    enum class Kind {
      Access,   ///< The token of the access `op`.
      Entry,    ///< The entry token of the grid `op`.
      Grid,     ///< The token of the grid `op`.
      Argument, ///< What a channel is inside: an iter_arg of scf.for, an argument of either region of scf.while.
      Result    ///< What a channel is outside: a result of the op.
    };
    Kind kind;
    mlir::Operation *op;
    unsigned channel = 0;
  };

  struct Channel {
    enum class Kind {
      Loop,      ///< Carried by scf.for: inputs are init and yield.
      Before,    ///< Carried by scf.while: inputs are init and yield; only an argument, of the region `before`.
      Condition, ///< Passed on by scf.condition, the one input: an argument of the region `after`, and a result.
      Branch,    ///< Of scf.if, scf.index_switch, scf.execute_region: one input per region, a result.
      Select,    ///< Of arith.select: inputs are the true and the false case, a result.
      Entry,     ///< What a reader needs of what its grid waits for; an argument.
      Grid       ///< What a reader needs of what a grid's iterations yield; a result.
    };
    Kind kind;
    mlir::Operation *op;
    llvm::SmallVector<List, 2> inputs;
    Node argument = 0, result = 0;
  };

  std::vector<Token> nodes;
  std::vector<Channel> channels;
  /// What each access waits for.
  llvm::MapVector<mlir::Operation *, List> after;
  /// What each grid waits for, and what its iterations yield.
  llvm::MapVector<mlir::Operation *, List> gridAfter, gridYield;

  Node tokenOf(mlir::Operation *op, Token::Kind kind);
  /// A channel without inputs, and its nodes.
  unsigned addChannel(Channel::Kind kind, mlir::Operation *op);

  /// Calls `function` on every list.
  void forEachList(llvm::function_ref<void(List &)> function);

private:
  llvm::DenseMap<std::pair<mlir::Operation *, unsigned>, Node> known;
};

/// Adds `node` to `list`.
void insert(TokenPlan::List &list, TokenPlan::Node node);

/// Removes what stands for nothing of its own: channels that hand on what they got, tokens that another one of the list
/// stands for, and channels that are equal. Afterwards there are no channels of grids any more: a grid has one entry
/// and one token, which all readers share.
void simplify(TokenPlan &plan);

/// Which channels a token that is used comes from.
llvm::SmallVector<bool> usedChannels(TokenPlan &plan);

/// Rewrites the tokens of the kernel to those of the plan, and nothing else.
void rethreadTokens(tile::KernelOp kernel, TokenPlan &plan);

} // namespace tilec

#endif // TILEC_LIB_TRANSFORMS_TOKENS_TOKENPLAN_H
