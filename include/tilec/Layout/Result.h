//===- Result.h - A value, or the reason why there is none ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The layout library throws no exceptions and prints nothing. An operation
/// that is not defined everywhere returns a Result: the value, or one sentence
/// that names the precondition which failed, with the values at hand.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LAYOUT_RESULT_H
#define TILEC_LAYOUT_RESULT_H

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace tilec::layout {

/// Why an operation has no result: a sentence without a full stop.
struct Error {
  std::string message;
};

/// A value of type T or an Error.
template <class T> class [[nodiscard]] Result {
public:
  Result(T value) : state(std::move(value)) {}
  Result(Error error) : state(std::move(error)) {}

  explicit operator bool() const { return std::holds_alternative<T>(state); }

  /// The value; there must be one.
  T &operator*() & {
    assert(*this && "no value");
    return *std::get_if<T>(&state);
  }
  const T &operator*() const & {
    assert(*this && "no value");
    return *std::get_if<T>(&state);
  }
  T &&operator*() && {
    assert(*this && "no value");
    return std::move(*std::get_if<T>(&state));
  }
  T *operator->() { return &**this; }
  const T *operator->() const { return &**this; }

  /// The error; there must be one.
  const Error &error() const {
    assert(!*this && "no error");
    return *std::get_if<Error>(&state);
  }
  const std::string &message() const { return error().message; }

private:
  std::variant<T, Error> state;
};

/// The result of a check that has no value.
using Status = Result<std::monostate>;
inline Status success() { return std::monostate(); }

} // namespace tilec::layout

#endif // TILEC_LAYOUT_RESULT_H
