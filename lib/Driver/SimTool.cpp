//===- SimTool.cpp - tile-sim -----------------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Executes GPU code, of whatever compiler, on arrays in files.

#include "tilec/Driver/CommandLine.h"
#include "tilec/Driver/Tools.h"
#include "tilec/Runtime/NumpyFile.h"
#include "tilec/Sim/PTX/Schedules.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace tilec;
using llvm::StringRef;
using llvm::Twine;
namespace ptx = tilec::sim::ptx;

static constexpr const char *kExamples =
    R"(Each --arg is one kernel parameter, in order: an array (read, by default; inout: is written back to its file, out: is
zeroed before and written after), a scalar, or a structure (value: passes the bytes of a file, not their address).

Examples:
  tile-sim saxpy.ptx saxpy --grid=8 --block=128 --arg f32[1000]=x.npy --arg inout:f32[1000]=y.npy --arg f32=2.5 --arg i32=1000
  tile-sim gemm.ptx gemm --grid=4,4 --block=128 --smem=49152 --arg f16[64,64]=a.npy --arg f16[64,64]=b.npy --arg out:f32[64,64]=c.npy
)";

namespace {
/// One parameter of the kernel, from the command line.
struct Parameter {
  enum class Kind { Scalar, In, InOut, Out, Value } kind = Kind::Scalar;
  DType type = DType::I32;
  std::vector<int64_t> shape;
  /// The file of an array, or a scalar's value.
  std::string text;
  NumpyArray array;
  uint64_t address = 0;
};

struct Options {
  std::string input, kernel;
  ptx::LaunchShape shape;
  ptx::LaunchOptions launch;
  /// How many seeds are run, from that of `launch` on.
  uint64_t schedules = 1;
  /// Whether these have to end with the same arrays.
  bool sameResults = false;
  /// Whether the first that is reported is the last.
  bool stopAtReport = false;
  bool json = false;
  std::string trace;
  std::vector<Parameter> parameters;
};
} // namespace

static llvm::Error error(const Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

static llvm::Error readTriple(StringRef option, StringRef text, std::array<unsigned, 3> &values) {
  llvm::SmallVector<StringRef, 3> parts;
  text.split(parts, ',');
  values = {1, 1, 1};
  if (parts.size() > 3)
    return error(option + ": expected at most three sizes, got '" + text + "'");
  for (auto [i, part] : llvm::enumerate(parts))
    if (part.trim().getAsInteger(10, values[i]) || values[i] == 0)
      return error(option + ": expected positive numbers such as 8,4,1, got '" + text + "'");
  return llvm::Error::success();
}

/// `0,2`: a block, whose numbers count from 0.
static llvm::Error readBlock(StringRef text, std::array<unsigned, 3> &values) {
  llvm::SmallVector<StringRef, 3> parts;
  text.split(parts, ',');
  values = {0, 0, 0};
  if (parts.size() > 3)
    return error("--trace-block: expected at most three numbers, got '" + text + "'");
  for (auto [i, part] : llvm::enumerate(parts))
    if (part.trim().getAsInteger(10, values[i]))
      return error("--trace-block: expected numbers such as 8,4,1, got '" + text + "'");
  return llvm::Error::success();
}

template <typename T> static CommandLine::Handler intoNumber(StringRef option, T &value) {
  return [option, &value](StringRef text) -> llvm::Error {
    if (text.getAsInteger(10, value))
      return error(option + ": expected a number from 0 to " + Twine(std::numeric_limits<T>::max()) + ", got '" + text +
                   "'");
    return llvm::Error::success();
  };
}

/// `inout:f32[4,8]=x.npy`, `i32=7`.
static llvm::Error readParameter(StringRef given, std::vector<Parameter> &parameters) {
  Parameter parameter;
  auto [type, text] = given.split('=');
  if (text.empty())
    return error("expected TYPE=VALUE or TYPE[SHAPE]=FILE, got '" + given + "'");
  bool isArray = type.contains('[');
  parameter.text = text.str();
  if (isArray)
    parameter.kind = Parameter::Kind::In;
  for (auto [word, kind] :
       {std::pair(StringRef("in:"), Parameter::Kind::In), std::pair(StringRef("inout:"), Parameter::Kind::InOut),
        std::pair(StringRef("out:"), Parameter::Kind::Out), std::pair(StringRef("value:"), Parameter::Kind::Value)})
    if (type.consume_front(word)) {
      parameter.kind = kind;
      if (!isArray)
        return error("'" + given + "': '" + word + "' is for arrays, with a shape in brackets");
    }
  auto [name, shape] = type.split('[');
  std::optional<DType> dtype = parseDType(std::string_view(name.data(), name.size()));
  if (!dtype)
    return error("'" + given + "': '" + name + "' is no type");
  parameter.type = *dtype;
  if (isArray) {
    if (!shape.consume_back("]"))
      return error("'" + given + "': ']' is missing");
    llvm::SmallVector<StringRef> extents;
    shape.split(extents, ',', -1, /*KeepEmpty=*/false);
    for (StringRef extent : extents)
      if (extent.trim().getAsInteger(10, parameter.shape.emplace_back()) || parameter.shape.back() < 0)
        return error("'" + given + "': '" + extent + "' is no extent");
  }
  parameters.push_back(std::move(parameter));
  return llvm::Error::success();
}

/// A file is written by one parameter: two would be two arrays, of which the last one written stays.
static llvm::Error checkFiles(llvm::ArrayRef<Parameter> parameters) {
  llvm::StringSet<> written;
  for (const Parameter &parameter : parameters)
    if ((parameter.kind == Parameter::Kind::InOut || parameter.kind == Parameter::Kind::Out) &&
        !written.insert(parameter.text).second)
      return error("'" + Twine(parameter.text) + "' is written by two parameters, which are two arrays");
  return llvm::Error::success();
}

/// An integer is no number of a parameter of floating-point type, nor the other way round, though the sizes may agree.
static llvm::Error checkTypes(const ptx::Module &module, const Options &options) {
  auto kernel = llvm::find_if(module.functions, [&](const ptx::Function &function) {
    return function.isEntry && function.name == options.kernel;
  });
  if (kernel == module.functions.end())
    return llvm::Error::success();
  for (auto [i, param] : llvm::enumerate(kernel->signature.params)) {
    // Too few are an error of the launch.
    if (i == options.parameters.size())
      break;
    const Parameter &given = options.parameters[i];
    bool takesFloat = llvm::is_contained({ptx::Type::F16, ptx::Type::BF16, ptx::Type::F32, ptx::Type::F64}, param.type);
    bool takesInteger = param.type >= ptx::Type::U8 && param.type <= ptx::Type::S64;
    if (given.kind == Parameter::Kind::Scalar && !param.isArray && (isFloat(given.type) ? takesInteger : takesFloat))
      return error("argument " + Twine(i) + " of kernel '" + options.kernel + "' is " +
                   (takesFloat ? "a floating-point number" : "an integer") + ", and '" +
                   Twine(std::string(getName(given.type))) + "=" + given.text + "' is none");
  }
  return llvm::Error::success();
}

/// Brings a parameter into the device, and its bytes into the arguments.
static llvm::Error pass(ptx::Device &device, Parameter &parameter, ptx::LaunchArguments &arguments) {
  std::string why;
  if (parameter.kind == Parameter::Kind::Scalar) {
    char bytes[8];
    if (!parseScalar(parameter.text, parameter.type, bytes, why))
      return error("--arg: " + Twine(why));
    arguments.addBytes(bytes, getSize(parameter.type));
    return llvm::Error::success();
  }
  if (parameter.kind == Parameter::Kind::Out) {
    std::optional<Tensor> tensor = Tensor::create(parameter.type, parameter.shape, why);
    if (!tensor)
      return error(Twine(parameter.text) + ": " + why);
    parameter.array = NumpyArray{std::move(*tensor), getNumpyDescr(parameter.type)};
  } else {
    std::optional<NumpyArray> array = readNumpy(parameter.text, parameter.type, why);
    if (!array)
      return error(Twine(why));
    parameter.array = std::move(*array);
    if (parameter.array.tensor.getShape() != parameter.shape)
      return error(Twine(parameter.text) + " is " +
                   printType(parameter.array.tensor.getDType(), parameter.array.tensor.getShape()) + ", and " +
                   printType(parameter.type, parameter.shape) + " was asked for");
  }
  Tensor &tensor = parameter.array.tensor;
  if (parameter.kind == Parameter::Kind::Value) {
    arguments.addBytes(tensor.getData(), tensor.getNumBytes());
    return llvm::Error::success();
  }
  llvm::Expected<uint64_t> address = device.allocate(tensor.getNumBytes());
  if (!address)
    return address.takeError();
  parameter.address = *address;
  arguments.add(*address);
  return device.write(*address, tensor.getData(), tensor.getNumBytes());
}

/// An element, as a number.
static std::string printElement(const char *element, DType type) {
  int64_t wide;
  if (getSize(type) == sizeof wide && !isFloat(type)) {
    std::memcpy(&wide, element, sizeof wide);
    return type == DType::U64 ? std::to_string(static_cast<uint64_t>(wide)) : std::to_string(wide);
  }
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.*g", getSize(type) == 8 ? 17 : 9, loadAsDouble(element, type));
  return text;
}

/// What is to be said of arrays that are written and that depend on the schedule; a line for each.
static std::vector<std::string> describeDifferences(const Options &options, const ptx::SchedulesOutcome &outcome) {
  std::vector<std::string> lines;
  for (const ptx::ScheduleDifference &difference : outcome.differences)
    for (auto [i, parameter] : llvm::enumerate(options.parameters)) {
      if (parameter.address != difference.address ||
          (parameter.kind != Parameter::Kind::InOut && parameter.kind != Parameter::Kind::Out))
        continue;
      const uint64_t size = getSize(parameter.type);
      uint64_t element = difference.offset / size, inPiece = element * size % difference.bytes.size();
      std::string index;
      for (int64_t extent : llvm::reverse(parameter.shape)) {
        index = std::to_string(element % extent) + (index.empty() ? "" : ", ") + index;
        element /= extent;
      }
      lines.push_back(
          "the result depends on the schedule: argument " + std::to_string(i) + ", " + parameter.text +
          ", has first at [" + index + "] " + printElement(difference.bytes.data() + inPiece, parameter.type) +
          " with --seed=" + std::to_string(difference.seed) + " and " +
          printElement(difference.otherBytes.data() + inPiece, parameter.type) +
          " with --seed=" + std::to_string(difference.otherSeed) + "; " + std::to_string(difference.schedules) +
          " of " + std::to_string(outcome.schedules) + " schedules differ from the former");
    }
  return lines;
}

/// Runs all schedules. What they report, or where they differ and must not, is the error.
static llvm::Expected<ptx::LaunchStatistics> launch(ptx::Device &device, ptx::LoadedModule &module,
                                                    const Options &options, const ptx::LaunchArguments &arguments) {
  if (options.schedules == 1)
    return device.launch(module, options.kernel, options.shape, arguments, options.launch);
  llvm::Expected<ptx::SchedulesOutcome> outcome = device.launchSchedules(
      module, options.kernel, options.shape, arguments, options.launch, options.schedules, options.stopAtReport);
  if (!outcome)
    return outcome.takeError();
  std::string text = outcome->toText("tile-sim: error: "), notes;
  for (const std::string &difference : describeDifferences(options, *outcome))
    if (options.sameResults)
      text += (text.empty() ? "" : "\n") + ("tile-sim: error: " + difference);
    else
      notes += "\ntile-sim: note: " + difference;
  if (!text.empty())
    return error(text + notes);
  if (!notes.empty())
    llvm::errs() << StringRef(notes).drop_front() << "\n";
  return std::move(outcome->statistics);
}

/// Runs what is asked for; where all went well, the arrays are written.
static llvm::Error simulate(Options &options) {
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(options.input);
  if (!buffer)
    return error("cannot read '" + Twine(options.input) + "': " + buffer.getError().message());
  if (llvm::Error wrong = checkFiles(options.parameters))
    return wrong;
  if (const auto &block = options.launch.trace.block)
    for (unsigned i = 0; i != 3; ++i)
      if ((*block)[i] >= options.shape.grid[i])
        return error("--trace-block: block " + Twine((*block)[0]) + "," + Twine((*block)[1]) + "," +
                     Twine((*block)[2]) + " is not in the grid");
  // Drivers take a text with a NUL at its end, and editors put a mark of its encoding before it.
  StringRef text = (*buffer)->getBuffer().rtrim('\0');
  text.consume_front("\xEF\xBB\xBF");
  if (text.starts_with("\x7f"
                       "ELF"))
    return error("'" + Twine(options.input) + "' is no PTX text; code objects are not supported yet");
  if (size_t nul = text.find('\0'); nul != StringRef::npos)
    return error("'" + Twine(options.input) + "' is no PTX text: byte " + Twine(nul) + " is NUL");
  ptx::Device device;
  llvm::Expected<ptx::LoadedModule *> module = device.load(options.input, text);
  if (!module)
    return module.takeError();
  if (llvm::Error wrong = checkTypes((*module)->getSyntax(), options))
    return wrong;
  ptx::LaunchArguments arguments;
  for (Parameter &parameter : options.parameters)
    if (llvm::Error wrong = pass(device, parameter, arguments))
      return wrong;
  std::unique_ptr<llvm::raw_fd_ostream> trace;
  if (!options.trace.empty()) {
    std::error_code code;
    trace = std::make_unique<llvm::raw_fd_ostream>(options.trace, code);
    if (code)
      return error("cannot write '" + Twine(options.trace) + "': " + code.message());
    options.launch.trace.out = trace.get();
  }
  llvm::Expected<ptx::LaunchStatistics> statistics = launch(device, **module, options, arguments);
  llvm::outs().flush();
  if (trace) {
    trace->close();
    if (std::error_code code = trace->error()) {
      trace->clear_error();
      return llvm::joinErrors(statistics.takeError(),
                              error("cannot write '" + Twine(options.trace) + "': " + code.message()));
    }
  }
  if (!statistics)
    return statistics.takeError();
  if (statistics->isTraceCut)
    llvm::errs() << "tile-sim: note: the trace ends after " << options.launch.trace.limit
                 << " instructions; --trace-limit=N makes it longer, --trace-block=X,Y,Z is for one block\n";
  for (Parameter &parameter : options.parameters) {
    if (parameter.kind != Parameter::Kind::InOut && parameter.kind != Parameter::Kind::Out)
      continue;
    Tensor &tensor = parameter.array.tensor;
    std::string why;
    if (llvm::Error wrong = device.read(parameter.address, tensor.getData(), tensor.getNumBytes()))
      return wrong;
    if (!writeNumpy(parameter.text, tensor, parameter.array.descr, why))
      return error(Twine(why));
  }
  if (statistics->counters)
    llvm::outs() << (options.json ? statistics->counters->toJSON() : statistics->counters->toText());
  return llvm::Error::success();
}

/// The status of the run, unless what it printed came nowhere.
static int finishOutput(const CommandLine &line, int status) {
  llvm::outs().flush();
  if (std::error_code code = llvm::outs().error()) {
    llvm::outs().clear_error();
    return line.fail("cannot write what is printed: " + code.message());
  }
  return status;
}

int tilec::runTileSim(int argc, const char *const *argv) {
  Options options;
  CommandLine line("tile-sim", "tile-sim: execute GPU code on the CPU");
  line.addPositional("FILE", "PTX text, from any compiler; - reads standard input", options.input);
  line.addPositional("KERNEL", "The kernel to launch", options.kernel);
  line.addOption("grid", "X,Y,Z", "Blocks in each dim (default 1,1,1)",
                 [&](StringRef text) { return readTriple("--grid", text, options.shape.grid); });
  line.addOption("block", "X,Y,Z", "Threads in each dim of a block (default 1,1,1)",
                 [&](StringRef text) { return readTriple("--block", text, options.shape.block); });
  line.addOption("smem", "BYTES", "Dynamic shared memory of a block",
                 intoNumber("--smem", options.shape.dynamicShared));
  line.addOption("arg", "PARAMETER", "One parameter of the kernel, in order",
                 [&](StringRef text) { return readParameter(text, options.parameters); });
  line.addOption("seed", "N", "Which of the legal orders of warps is taken (default 0)",
                 intoNumber("--seed", options.launch.seed));
  line.addOption("schedules", "N",
                 "Run so many seeds, from --seed on, and report what they say together; arrays are the first one's",
                 [&](StringRef text) -> llvm::Error {
                   if (text.getAsInteger(10, options.schedules) || options.schedules == 0)
                     return error("--schedules: expected a positive number, got '" + text + "'");
                   return llvm::Error::success();
                 });
  line.addFlag("stop-at-report", "Leave out the schedules behind the first that is reported", options.stopAtReport);
  line.addFlag("same-results", "Arrays that differ between schedules are an error, not a note", options.sameResults);
  line.addOption("max-steps", "N", "Stop a schedule after so many instructions of warps",
                 intoNumber("--max-steps", options.launch.maxSteps));
  line.addOption("resident", "N", "Blocks that make progress at once (default 16)",
                 intoNumber("--resident", options.launch.residentBlocks));
  line.addOption("jobs", "N", "Host threads that execute blocks; with checks there is one (default 0, one a core)",
                 intoNumber("--jobs", options.launch.jobs));
  line.addOption("check", "LIST", "What is checked: of races,init,bounds,sync (default all), or none",
                 [&](StringRef text) -> llvm::Error {
                   llvm::Expected<ptx::Checks> checks = ptx::Checks::parse(text);
                   if (!checks)
                     return checks.takeError();
                   options.launch.checks = *checks;
                   return llvm::Error::success();
                 });
  line.addFlag("counters", "Print what was executed, by class and by line, and what memory did for it",
               options.launch.counters);
  line.addFlag("json", "The same as JSON", options.json);
  line.addOption("trace", "FILE", "Write a line of JSON for each instruction of a warp", options.trace);
  line.addOption("trace-limit", "N", "At most so many lines (default 100000)",
                 intoNumber("--trace-limit", options.launch.trace.limit));
  line.addOption("trace-block", "X,Y,Z", "Trace one block only",
                 [&](StringRef text) { return readBlock(text, options.launch.trace.block.emplace()); });
  line.addEpilogue(kExamples);
  if (std::optional<int> status = line.parse(argc, argv))
    return finishOutput(line, *status);
  options.launch.counters |= options.json;
  if (llvm::Error wrong = simulate(options)) {
    // Errors that carry their own place are printed as they are.
    std::string text = llvm::toString(std::move(wrong));
    if (!StringRef(text).split('\n').first.contains(": error: "))
      return line.fail(text);
    llvm::errs() << text << "\n";
    return finishOutput(line, 1);
  }
  return finishOutput(line, 0);
}
