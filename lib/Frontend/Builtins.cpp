//===- Builtins.cpp - the table of builtin functions ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Who is who among the builtins: name, usage, number of positional arguments, options, and the function that emits it.
//
//===----------------------------------------------------------------------===//

#include "Builtins.h"
#include "Elaborator.h"

using namespace tilec;
using E = Elaborator;

/// Sorted by name, for the search.
static const Builtin table[] = {
    {"abs", "abs(x)", 1, 1, "", &E::emitUnaryMath},
    {"all", "all(x, axis=0)", 1, 1, "axis keep", &E::emitReduction},
    {"any", "any(x, axis=0)", 1, 1, "axis keep", &E::emitReduction},
    {"arange", "arange(lo, hi)", 1, 2, "", &E::emitArange},
    {"argmax", "argmax(x, axis=0)", 1, 1, "axis keep", &E::emitArgReduction},
    {"argmin", "argmin(x, axis=0)", 1, 1, "axis keep", &E::emitArgReduction},
    {"array", "array(T, dims)", 2, -1, "", &E::emitArray},
    {"assert", "assert(condition, \"text\")", 2, 2, "", &E::emitAssert},
    {"atomic_add", "atomic_add(A[i], v)", 2, 2, "mask order scope after", &E::emitAtomic},
    {"atomic_and", "atomic_and(A[i], v)", 2, 2, "mask order scope after", &E::emitAtomic},
    {"atomic_cas", "atomic_cas(A[i], expected, new)", 3, 3, "mask order scope after", &E::emitAtomic},
    {"atomic_max", "atomic_max(A[i], v)", 2, 2, "mask order scope after", &E::emitAtomic},
    {"atomic_min", "atomic_min(A[i], v)", 2, 2, "mask order scope after", &E::emitAtomic},
    {"atomic_or", "atomic_or(A[i], v)", 2, 2, "mask order scope after", &E::emitAtomic},
    {"atomic_xchg", "atomic_xchg(A[i], v)", 2, 2, "mask order scope after", &E::emitAtomic},
    {"atomic_xor", "atomic_xor(A[i], v)", 2, 2, "mask order scope after", &E::emitAtomic},
    {"bitcast", "bitcast(x, T)", 2, 2, "", &E::emitBitcast},
    {"broadcast", "broadcast(x, dims)", 2, -1, "", &E::emitBroadcast},
    {"cat", "cat(a, b, axis=0)", 2, -1, "axis", &E::emitCat},
    {"ceil", "ceil(x)", 1, 1, "", &E::emitUnaryMath},
    {"clamp", "clamp(x, lo, hi)", 3, 3, "", &E::emitClamp},
    {"cos", "cos(x)", 1, 1, "", &E::emitUnaryMath},
    {"cummax", "cummax(x, axis=0)", 1, 1, "axis", &E::emitScan},
    {"cumprod", "cumprod(x, axis=0)", 1, 1, "axis", &E::emitScan},
    {"cumsum", "cumsum(x, axis=0)", 1, 1, "axis", &E::emitScan},
    {"dot", "dot(a, b, acc)", 2, 3, "precision acc", &E::emitDot},
    {"dot_scaled", "dot_scaled(a, sa, b, sb, acc)", 4, 5, "acc", &E::emitDotScaled},
    {"erf", "erf(x)", 1, 1, "", &E::emitUnaryMath},
    {"exp", "exp(x)", 1, 1, "", &E::emitUnaryMath},
    {"exp2", "exp2(x)", 1, 1, "", &E::emitUnaryMath},
    {"expm1", "expm1(x)", 1, 1, "", &E::emitUnaryMath},
    {"floor", "floor(x)", 1, 1, "", &E::emitUnaryMath},
    {"fma", "fma(a, b, c)", 3, 3, "", &E::emitFma},
    {"full", "full(T, value, dims)", 2, -1, "", &E::emitFill},
    {"gelu", "gelu(x)", 1, 1, "", &E::emitUnaryMath},
    {"isinf", "isinf(x)", 1, 1, "", &E::emitUnaryMath},
    {"isnan", "isnan(x)", 1, 1, "", &E::emitUnaryMath},
    {"join", "join(t, t1)", 1, -1, "", &E::emitJoin},
    {"load", "load(A[i], pad=0, mask=m)", 1, 1, "pad mask order scope after", &E::emitLoad},
    {"log", "log(x)", 1, 1, "", &E::emitUnaryMath},
    {"log1p", "log1p(x)", 1, 1, "", &E::emitUnaryMath},
    {"log2", "log2(x)", 1, 1, "", &E::emitUnaryMath},
    {"max", "max(a, b) or max(x, axis=0)", 1, 2, "axis keep", &E::emitMinMax},
    {"mean", "mean(x, axis=0)", 1, 1, "axis keep", &E::emitReduction},
    {"min", "min(a, b) or min(x, axis=0)", 1, 2, "axis keep", &E::emitMinMax},
    {"ones", "ones(T, dims)", 1, -1, "", &E::emitFill},
    {"permute", "permute(x, 1, 0)", 2, -1, "", &E::emitPermute},
    {"pow", "pow(x, y)", 2, 2, "", &E::emitBinaryMath},
    {"print", "print(\"x {}\", x)", 1, -1, "", &E::emitPrint},
    {"prod", "prod(x, axis=0)", 1, 1, "axis keep", &E::emitReduction},
    {"rand", "rand(seed, x)", 2, 2, "", &E::emitRand},
    {"reduce", "reduce(x, axis=0, init=0.0, (a, b) => a + b)", 2, 2, "axis init keep", &E::emitCustomReduce},
    {"relu", "relu(x)", 1, 1, "", &E::emitUnaryMath},
    {"reshape", "reshape(x, dims)", 2, -1, "", &E::emitReshape},
    {"round", "round(x)", 1, 1, "", &E::emitUnaryMath},
    {"rsqrt", "rsqrt(x)", 1, 1, "", &E::emitUnaryMath},
    {"scan", "scan(x, axis=0, (a, b) => a + b)", 2, 2, "axis", &E::emitCustomScan},
    {"sigmoid", "sigmoid(x)", 1, 1, "", &E::emitUnaryMath},
    {"sign", "sign(x)", 1, 1, "", &E::emitUnaryMath},
    {"silu", "silu(x)", 1, 1, "", &E::emitUnaryMath},
    {"sin", "sin(x)", 1, 1, "", &E::emitUnaryMath},
    {"sort", "sort(x, axis=0)", 1, 1, "axis", &E::emitSort},
    {"split", "split(x, n, axis=0)", 2, 2, "axis", &E::emitSplit},
    {"sqrt", "sqrt(x)", 1, 1, "", &E::emitUnaryMath},
    {"store", "store(A[i], v, mask=m)", 2, 2, "mask order scope after", &E::emitStore},
    {"sum", "sum(x, axis=0)", 1, 1, "axis keep", &E::emitReduction},
    {"tan", "tan(x)", 1, 1, "", &E::emitUnaryMath},
    {"tanh", "tanh(x)", 1, 1, "", &E::emitUnaryMath},
    {"tile", "tile(lo..hi, size=64)", 1, 1, "size", &E::emitTile},
    {"token", "token()", 0, 0, "", &E::emitToken},
    {"topk", "topk(x, k, axis=0)", 2, 2, "axis", &E::emitTopK},
    {"trunc", "trunc(x)", 1, 1, "", &E::emitUnaryMath},
    {"where", "where(condition, a, b)", 3, 3, "", &E::emitWhere},
    {"zeros", "zeros(T, dims)", 1, -1, "", &E::emitFill},
};

llvm::ArrayRef<Builtin> tilec::allBuiltins() { return table; }

const Builtin *tilec::findBuiltin(llvm::StringRef name) {
  auto found =
      llvm::lower_bound(table, name, [](const Builtin &builtin, llvm::StringRef key) { return builtin.name < key; });
  return found != std::end(table) && found->name == name ? &*found : nullptr;
}
