//===- ptx.h - instructions that CUDA C++ has no words for ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Macros and not functions, so that the lines of reports are those of the program that uses them.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_TEST_SIM_BUGS_PTX_H
#define TILEC_TEST_SIM_BUGS_PTX_H

/// The two kernels of a program, of which `broken` has the bug.
#define KERNELS(parameters, ...)                                                                                       \
  extern "C" __global__ void broken parameters { kernel<true>(__VA_ARGS__); }                                          \
  extern "C" __global__ void correct parameters { kernel<false>(__VA_ARGS__); }

#define SHARED(pointer) static_cast<unsigned>(__cvta_generic_to_shared(pointer))

// Asynchronous copies from global to shared memory.
#define COPY4(to, from) asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(SHARED(to)), "l"(from) : "memory")
#define COPY16(to, from)                                                                                               \
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(SHARED(to)), "l"(from) : "memory")
/// Reads `bytes` of the 4, and fills the rest with zeros.
#define COPY4_PART(to, from, bytes)                                                                                    \
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(SHARED(to)), "l"(from), "r"(bytes) : "memory")
#define COMMIT() asm volatile("cp.async.commit_group;" ::: "memory")
#define WAIT_GROUP(left) asm volatile("cp.async.wait_group %0;" ::"n"(left) : "memory")
#define WAIT_ALL() asm volatile("cp.async.wait_all;" ::: "memory")

// Barriers in shared memory.
typedef unsigned long long MBarrier;
#define MBARRIER_INIT(bar, count)                                                                                      \
  asm volatile("mbarrier.init.shared.b64 [%0], %1;" ::"r"(SHARED(bar)), "r"(count) : "memory")
#define MBARRIER_ARRIVE(bar)                                                                                           \
  asm volatile("{\n.reg .b64 state;\nmbarrier.arrive.shared.b64 state, [%0];\n}" ::"r"(SHARED(bar)) : "memory")
/// Arrives when the thread's copies so far have ended.
#define MBARRIER_ARRIVE_AFTER_COPIES(bar)                                                                              \
  asm volatile("cp.async.mbarrier.arrive.noinc.shared.b64 [%0];" ::"r"(SHARED(bar)) : "memory")
/// Waits until the phase of that parity is over.
#define MBARRIER_WAIT(bar, parity)                                                                                     \
  for (unsigned done = 0; !done;)                                                                                      \
  asm volatile("{\n.reg .pred p;\nmbarrier.test_wait.parity.shared.b64 p, [%1], %2;\nselp.u32 %0, 1, 0, p;\n}"         \
               : "=r"(done)                                                                                            \
               : "r"(SHARED(bar)), "r"(parity)                                                                         \
               : "memory")

// Barriers of some of the warps.
#define BAR_SYNC(number, threads) asm volatile("bar.sync %0, %1;" ::"r"(number), "r"(threads) : "memory")
#define BAR_ARRIVE(number, threads) asm volatile("bar.arrive %0, %1;" ::"r"(number), "r"(threads) : "memory")

// Accesses with an order: `how` is such as "acquire.gpu".
#define LOAD(how, value, pointer)                                                                                      \
  asm volatile("ld." how ".global.u32 %0, [%1];" : "=r"(value) : "l"(pointer) : "memory")
#define STORE(how, pointer, value)                                                                                     \
  asm volatile("st." how ".global.u32 [%0], %1;" ::"l"(pointer), "r"(value) : "memory")
#define ADD(how, before, pointer, value)                                                                               \
  asm volatile("atom." how ".global.add.u32 %0, [%1], %2;" : "=r"(before) : "l"(pointer), "r"(value) : "memory")

#endif // TILEC_TEST_SIM_BUGS_PTX_H
