//===- CommandLine.h - options of the tools ---------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// A small parser of command lines. Options are declared on an object of their
/// own, so that tools are functions of their arguments: no global state.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_DRIVER_COMMANDLINE_H
#define TILEC_DRIVER_COMMANDLINE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tilec {

/// The options and arguments of one tool. Long options are `--name value` or
/// `--name=value`, short ones `-n value` or `-nvalue`. `--help` and `--version`
/// are always there.
class CommandLine {
public:
  using Handler = std::function<llvm::Error(llvm::StringRef value)>;

  CommandLine(llvm::StringRef tool, llvm::StringRef overview)
      : tool(tool), overview(overview) {}

  /// An argument without a name; a missing required one is an error.
  void addPositional(llvm::StringRef name, llvm::StringRef help,
                     std::string &value, bool required = true);
  /// All further arguments without a name, of which there may be none.
  void addPositionals(llvm::StringRef name, llvm::StringRef help,
                      std::vector<std::string> &values);
  /// Options; `name` without dashes, one letter for short ones.
  void addFlag(llvm::StringRef name, llvm::StringRef help, bool &value);
  void addOption(llvm::StringRef name, llvm::StringRef metavar,
                 llvm::StringRef help, std::string &value);
  void addOption(llvm::StringRef name, llvm::StringRef metavar,
                 llvm::StringRef help, Handler handler);
  /// Text behind the list of options, such as examples.
  void addEpilogue(llvm::StringRef text) { epilogue += text; }

  /// Reads the arguments. Returns the exit status if the tool has nothing more
  /// to do (help, version, an error that was printed), nothing otherwise.
  std::optional<int> parse(int argc, const char *const *argv);

  /// Reads options only, without help and version, and prints nothing.
  llvm::Error parseOptions(llvm::ArrayRef<const char *> arguments);

  /// Prints "tool: error: message"; returns the exit status of errors, 1.
  int fail(const llvm::Twine &message) const;
  int fail(llvm::Error error) const;

private:
  struct Option {
    std::string name;
    std::string metavar; ///< empty for flags
    std::string help;
    Handler handler;
  };
  struct Positional {
    std::string name, help;
    std::string *value; ///< nothing for those that take all that follow
    bool required;
    bool given = false;
    std::vector<std::string> *values = nullptr;
  };

  void printHelp() const;
  Option *findOption(llvm::StringRef name);
  llvm::Error parseOption(llvm::ArrayRef<const char *> arguments, size_t &at,
                          bool takesHelp);

  std::string tool, overview, epilogue;
  std::vector<Option> options;
  std::vector<Positional> positionals;
};

/// Splits "name=value"; the error names `what` the text should have been.
llvm::Expected<std::pair<std::string, std::string>>
splitAssignment(llvm::StringRef text, llvm::StringRef what);

/// "; did you mean 'x'?" if one of `candidates` is close to `name`, otherwise
/// "; there is a, b, c" or "; there is none".
std::string suggest(llvm::StringRef name,
                    llvm::ArrayRef<std::string> candidates);

} // namespace tilec

#endif // TILEC_DRIVER_COMMANDLINE_H
