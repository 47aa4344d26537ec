//===- CommandLine.cpp - options of the tools -------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Parses arguments, prints help, and guesses what a misspelled name meant.
//
//===----------------------------------------------------------------------===//
#include "tilec/Driver/CommandLine.h"

#include "tilec/Driver/Version.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"

using namespace tilec;

void CommandLine::addPositional(llvm::StringRef name, llvm::StringRef help,
                                std::string &value, bool required) {
  positionals.push_back({name.str(), help.str(), &value, required});
}

void CommandLine::addPositionals(llvm::StringRef name, llvm::StringRef help,
                                 std::vector<std::string> &values) {
  positionals.push_back(
      {name.str(), help.str(), nullptr, /*required=*/false, false, &values});
}

void CommandLine::addFlag(llvm::StringRef name, llvm::StringRef help,
                          bool &value) {
  options.push_back({name.str(), "", help.str(), [&value](llvm::StringRef) {
                       value = true;
                       return llvm::Error::success();
                     }});
}

void CommandLine::addOption(llvm::StringRef name, llvm::StringRef metavar,
                            llvm::StringRef help, std::string &value) {
  addOption(name, metavar, help, [&value](llvm::StringRef text) {
    value = text.str();
    return llvm::Error::success();
  });
}

void CommandLine::addOption(llvm::StringRef name, llvm::StringRef metavar,
                            llvm::StringRef help, Handler handler) {
  options.push_back({name.str(), metavar.str(), help.str(), std::move(handler)});
}

/// "--name" or "-n".
static std::string spell(llvm::StringRef name) {
  return (name.size() == 1 ? "-" : "--") + name.str();
}

void CommandLine::printHelp() const {
  llvm::raw_ostream &os = llvm::outs();
  os << overview << "\n\nUsage: " << tool;
  for (const Positional &positional : positionals)
    os << (positional.required ? " " : " [") << positional.name
       << (positional.required ? "" : "]");
  os << " [options]\n";
  auto line = [&](const std::string &left, llvm::StringRef help) {
    constexpr size_t column = 30;
    os << "  " << left;
    if (left.size() + 2 >= column)
      os << "\n" << std::string(column, ' ');
    else
      os << std::string(column - left.size() - 2, ' ');
    os << help << "\n";
  };
  if (!positionals.empty())
    os << "\nArguments:\n";
  for (const Positional &positional : positionals)
    line(positional.name, positional.help);
  os << "\nOptions:\n";
  for (const Option &option : options) {
    std::string left = spell(option.name);
    if (!option.metavar.empty())
      left += (option.name.size() == 1 ? "" : "=") + option.metavar;
    line(left, option.help);
  }
  line("--help", "Print this text");
  line("--version", "Print the version");
  if (!epilogue.empty())
    os << "\n" << epilogue;
}

CommandLine::Option *CommandLine::findOption(llvm::StringRef name) {
  for (Option &option : options)
    if (option.name == name)
      return &option;
  return nullptr;
}

llvm::Error CommandLine::parseOption(llvm::ArrayRef<const char *> arguments,
                                     size_t &at, bool takesHelp) {
  llvm::StringRef argument = arguments[at];
  llvm::StringRef name, value;
  bool hasValue = false;
  if (argument.consume_front("--")) {
    hasValue = argument.contains('=');
    std::tie(name, value) = argument.split('=');
  } else {
    // A short option, perhaps with its value attached: -O2.
    argument = argument.drop_front();
    name = argument.take_front(1);
    value = argument.drop_front(1);
    hasValue = !value.empty();
  }
  Option *option = findOption(name);
  if (!option) {
    // Where there are no arguments, there is nobody who asks for help.
    std::vector<std::string> names;
    if (takesHelp)
      names = {"help", "version"};
    for (const Option &known : options)
      names.push_back(known.name);
    for (std::string &known : names)
      known = spell(known);
    std::string guess = suggest(spell(name), names);
    // All options are too many for one line; --help has them.
    if (!llvm::StringRef(guess).starts_with("; did"))
      guess = takesHelp ? "; --help lists the options" : "";
    return llvm::createStringError("unknown option '" +
                                   llvm::StringRef(arguments[at]) + "'" +
                                   guess);
  }
  if (option->metavar.empty()) {
    if (hasValue)
      return llvm::createStringError("option '" + spell(name) +
                                     "' takes no value");
    return option->handler("");
  }
  if (!hasValue) {
    if (at + 1 == arguments.size())
      return llvm::createStringError("option '" + spell(name) +
                                     "' needs a value: " + option->metavar);
    value = arguments[++at];
  }
  return option->handler(value);
}

llvm::Error
CommandLine::parseOptions(llvm::ArrayRef<const char *> arguments) {
  for (size_t at = 0; at < arguments.size(); ++at) {
    llvm::StringRef argument = arguments[at];
    if (argument.size() < 2 || argument[0] != '-')
      return llvm::createStringError("'" + argument + "' is not an option");
    if (argument == "--help" || argument == "--version")
      return llvm::createStringError("option '" + argument + "' is the command line's");
    if (llvm::Error error = parseOption(arguments, at, /*takesHelp=*/false))
      return error;
  }
  return llvm::Error::success();
}

std::optional<int> CommandLine::parse(int argc, const char *const *argv) {
  llvm::ArrayRef<const char *> arguments(argv, static_cast<size_t>(argc));
  arguments = arguments.drop_front(arguments.empty() ? 0 : 1);
  size_t nextPositional = 0;
  bool onlyPositionals = false;
  for (size_t at = 0; at < arguments.size(); ++at) {
    llvm::StringRef argument = arguments[at];
    if (!onlyPositionals && argument == "--help")
      return printHelp(), 0;
    if (!onlyPositionals && argument == "--version") {
      llvm::outs() << tool << " (tilec) " << getVersion() << "\n";
      return 0;
    }
    if (!onlyPositionals && argument == "--") {
      onlyPositionals = true;
      continue;
    }
    if (!onlyPositionals && argument.size() > 1 && argument[0] == '-') {
      if (llvm::Error error = parseOption(arguments, at, /*takesHelp=*/true))
        return fail(std::move(error));
      continue;
    }
    if (nextPositional == positionals.size())
      return fail("too many arguments: '" + argument + "'");
    if (positionals[nextPositional].values) {
      positionals[nextPositional].values->push_back(argument.str());
      continue;
    }
    positionals[nextPositional].given = true;
    *positionals[nextPositional++].value = argument.str();
  }
  for (const Positional &positional : positionals)
    if (positional.required && !positional.given)
      return fail(positional.name + " is missing; --help explains");
  return std::nullopt;
}

int CommandLine::fail(const llvm::Twine &message) const {
  llvm::WithColor(llvm::errs(), llvm::HighlightColor::Error)
      << tool << ": error: ";
  llvm::errs() << message << "\n";
  return 1;
}

int CommandLine::fail(llvm::Error error) const {
  return fail(llvm::toString(std::move(error)));
}

llvm::Expected<std::pair<std::string, std::string>>
tilec::splitAssignment(llvm::StringRef text, llvm::StringRef what) {
  auto [name, value] = text.split('=');
  if (name.empty() || !text.contains('='))
    return llvm::createStringError("expected " + what + ", got '" + text + "'");
  return std::pair(name.str(), value.str());
}

std::string tilec::suggest(llvm::StringRef name,
                           llvm::ArrayRef<std::string> candidates) {
  if (candidates.empty())
    return "; there is none";
  const std::string *best = nullptr;
  // Up to three wrong letters, but never more than half of them.
  unsigned bestDistance = std::min<size_t>(3, (name.size() + 1) / 2) + 1;
  for (const std::string &candidate : candidates) {
    unsigned distance = name.edit_distance(candidate);
    if (distance < bestDistance) {
      bestDistance = distance;
      best = &candidate;
    }
  }
  if (best)
    return "; did you mean '" + *best + "'?";
  return "; there is " + llvm::join(candidates, ", ");
}
