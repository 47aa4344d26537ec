//===- Access.h - what an access to memory is -------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// How an instruction accesses memory, as far as the memory consistency model (section 8 of the manual) asks. Every
/// access of every instruction goes through `Warp::access`, which finds the bytes, checks that they are there, and
/// tells those who monitor the launch.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_SIM_PTX_ACCESS_H
#define TILEC_LIB_SIM_PTX_ACCESS_H

#include "Memory.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace tilec::sim::ptx {

/// How an access orders others around it. All but the first are strong (section 8.4).
enum class Order : uint8_t { Weak, Relaxed, Acquire, Release, AcquireRelease };

/// Which threads an order holds for. Without clusters in a launch, a cluster is one block.
enum class Scope : uint8_t { Block, Cluster, Device, System };

inline bool isAcquire(Order order) { return order == Order::Acquire || order == Order::AcquireRelease; }
inline bool isRelease(Order order) { return order >= Order::Release; }

/// One access of each of some lanes.
struct Access {
  enum class Kind : uint8_t { Read, Write, Atomic };
  Kind kind = Kind::Read;
  Order order = Order::Weak;
  Scope scope = Scope::System;
  /// Done by the copy engine for the thread, some time after the instruction (section 8.9.1).
  bool isAsync = false;
  /// By all lanes of the warp together, of which the manual does not say who accesses what: the targets, as many as the
  /// mask has bits, are not the lanes' own.
  bool isCollective = false;
  /// Who is told: an instruction may tell of one access in two ways.
  enum class Audience : uint8_t { All, Races, Others };
  Audience audience = Audience::All;
  /// Of an mbarrier, whose phases hand over what their threads did.
  bool isMBarrier = false;
  /// A read-modify-write whose result nobody gets: its read acquires nothing (section 8.8).
  bool isReduction = false;
  /// Bytes of a scalar: an access to a vector or to packed values is as many accesses (sections 8.2.4 and 8.2.5). 0: all
  /// of it is one scalar.
  uint8_t scalar = 0;
  /// What a compare-and-swap compares with, as many bytes as it accesses. One that fails reads and writes nothing.
  const void *expected = nullptr;
  /// Writes what a lane is about to write to `into`; null where that is not known yet.
  llvm::function_ref<void(unsigned lane, char *into)> value = nullptr;
};

/// The manual's word for a state space, without the dot.
llvm::StringRef spaceName(Space space);

/// The bytes that a lane accesses.
struct Target {
  char *data = nullptr;
  /// Of global and constant memory; null for the other spaces.
  Allocation *allocation = nullptr;
  /// In the allocation, in the block's shared memory, in the thread's local memory, or in the parameters.
  uint64_t offset = 0;
  Space space = Space::Global;
};

/// A piece of memory that the lanes of an access may all be in: an allocation, a block's shared memory, the parameters,
/// or what each lane has of local memory.
struct Piece {
  char *data = nullptr;
  /// The address of its first byte, and how many there are.
  uint64_t first = 0, size = 0;
  /// From the bytes of a lane to those of the next one: of local memory.
  uint64_t stride = 0;
  Space space = Space::Global;
  /// Of global and constant memory.
  Allocation *allocation = nullptr;
};

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_ACCESS_H
