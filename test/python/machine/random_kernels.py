# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random kernels in PTX: `generate(seed)` is a kernel, its arguments and how it is launched. They have no race and one result,
by construction, and are nasty otherwise: branches, loops, switches and calls of which each lane takes its own way, with
shuffles, votes and exchanges among the lanes that take the same way.

What makes that so:

* A way through the code has a register with the lanes of the warp that take it, the mask. It is computed where ways part:
  a branch asks the lanes of its mask for their votes, a switch for who has the same index. Member masks are such registers.
* Memory is a thread's own; or read only; or shared between two barriers, where each thread writes its own element; or it is
  an accumulator, to which only one commutative operation is applied, and which is read when all is over.
* Barriers of the block, and matrix instructions, are where all threads of the block come: not in what a lane decides.

Every value is mixed into a hash of the thread. `CHECKPOINTS` of these, one behind each statement of the kernel, are stored, so
that where two executions differ is known to the statement. The result of an operation of f64 that is NaN is replaced by one NaN:
whose payload it has depends on the order of operands, which assemblers change. So is NaN as the result of `neg` and `abs`, whose bits
the manual leaves open. No other value is changed."""

import bisect
import functools
import hashlib
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from machine import conversions, floats, forms, integers, values, video, warps
from machine.recorded import reason
from machine.random_memory import CHECKPOINTS, PROTOTYPE, Memory
from machine.random_ways import At, Ways
from tilec_testing import TIMEOUT_SECONDS, tool

# 32-bit words that a thread stores: checkpoints, the last hash, and what it has read of the accumulators.
WORDS = CHECKPOINTS + 4
INPUTS, ACCUMULATORS = 1024, 16
PARAMETERS = ("in", "out", "scratch", "acc")


class Draws:
    """Random numbers that are the same on every machine: the generator splitmix64."""

    def __init__(self, seed):
        self.state = int(hashlib.sha256(f"kernel {seed}".encode()).hexdigest()[:16], 16)

    def bits(self):
        mask = (1 << 64) - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & mask
        z = (z ^ z >> 27) * 0x94D049BB133111EB & mask
        return z ^ z >> 31

    def below(self, n):
        return (self.bits() >> 11) % n

    def chance(self, p):
        return self.below(1 << 20) < p * (1 << 20)

    def pick(self, choices):
        return choices[self.below(len(choices))]


class Pool:
    """Forms of the battery. A drawn number finds the form whose name's digest is the next one, so that a new form changes only
    the kernels that have it."""

    def __init__(self, members):
        self.members = sorted((int(hashlib.sha256(form.name.encode()).hexdigest()[:16], 16), form.name, form) for form in members)

    def draw(self, draws):
        at = bisect.bisect(self.members, (draws.bits(),))
        return self.members[at % len(self.members)][2]


@dataclass(frozen=True)
class Kernel:
    """A random kernel. `ptx` has no header. `reads` are words of 64 bits, `accumulators` what these begin with."""
    name: str
    ptx: str
    grid: int
    block: int
    statements: int
    reads: np.ndarray = field(compare=False)
    accumulators: np.ndarray = field(compare=False)

    def digest(self):
        """Of everything that decides what it computes."""
        parts = [self.ptx.encode(), bytes([self.grid, self.block]), self.reads.tobytes(), self.accumulators.tobytes()]
        return hashlib.sha256(b"".join(parts)).hexdigest()[:8]


VARIABLES = {16: tuple(f"%vh{i}" for i in range(5)), 32: tuple(f"%vr{i}" for i in range(10)), 64: tuple(f"%vx{i}" for i in range(6))}
DECLARATIONS = (".reg .b16 %vh<5>;", ".reg .b32 %vr<10>;", ".reg .b64 %vx<6>;", ".reg .pred %vp<4>;", ".reg .b32 %hash, %w<8>;",
                ".reg .b64 %y<4>;", ".reg .pred %q<4>;", ".reg .b16 %g<8>;")


class Writer(Ways, Memory):
    """Writes one kernel."""

    def __init__(self, seed, pools, without=frozenset()):
        self.draws, self.pools, self.without = Draws(seed), pools, without
        self.below, self.chance, self.pick = self.draws.below, self.draws.chance, self.draws.pick
        self.name = f"random{seed}"
        self.lines, self.number, self.left, self.statements_made, self.arrivals = [], 0, 0, 0, 0
        self.block = self.pick([32, 64, 64, 96, 128, 40, 72])
        self.grid = 2
        self.functions = []

    def emit(self, *lines):
        self.lines += [f"  {line}" for line in lines]

    def fresh(self, prefix):
        self.number += 1
        return f"{prefix}{self.number}"

    def variable(self, width):
        return self.pick(VARIABLES[width])

    def mix(self, register, width):
        """Makes a value part of the hash."""
        word = "%w7"
        if width == 16:
            self.emit(f"cvt.u32.u16 {word}, {register};")
        elif width == 64:
            self.emit(f"mov.b64 {{{word}, %w6}}, {register};", "mad.lo.u32 %hash, %hash, 0x85EBCA6B, %w6;")
        else:
            word = register
        self.emit(f"mad.lo.u32 %hash, %hash, 0x9E3779B1, {word};")

    def mix_predicate(self, register):
        self.emit(f"selp.b32 %w7, 0x2545F491, 0x1B873593, {register};", "mad.lo.u32 %hash, %hash, 0x9E3779B1, %w7;")

    # Instructions.

    def operand(self, name, index):
        """A register with a value that the set allows."""
        width = values.width(name)
        limit = {"byte": 255, "lane": 31, "bit": 1, "few": 3}.get(name)
        if name == "shift" and self.chance(0.7):
            limit = 63
        if limit is not None:
            self.emit(f"and.b32 %w{index}, {self.variable(32)}, {limit};")
            return f"%w{index}"
        if name == "offset":
            self.emit(f"and.b32 %w{index}, {self.variable(32)}, 63;", f"sub.s32 %w{index}, %w{index}, 32;")
            return f"%w{index}"
        return self.variable(width)

    def immediate(self, name):
        """A literal of the set, or None where there is none."""
        special = values.specials(name)
        number = self.pick(special) if self.chance(0.6) else self.below(256)
        if name == "f32":
            return f"0f{self.pick(special):08X}"
        if name == "f64":
            return f"0d{self.pick(special):016X}"
        return str(number) if name in ("u32", "shift", "byte", "lane", "few") else None

    def form(self, at):
        """An instruction of the battery, or a few."""
        own = at.function < 0
        kinds = ["integers"] * 5 + ["floats"] * 5 + ["conversions"] * 3 + ["video"] + (["memory"] * 2 if own else [])
        form = self.pools[self.pick(kinds)].draw(self.draws)
        names = "abce"[:len(form.operands)]
        registers = {name: self.operand(operand, i) for i, (name, operand) in enumerate(zip(names, form.operands))}
        single = form.text.count(";") == 1
        last = names[-1]
        if single and form.in_pool not in ("conversions", "video") and "x2" not in form.text and len(names) > 1 and self.chance(0.2):
            literal = self.immediate(form.operands[-1])
            if literal and "." not in form.text.split("{" + last + "}")[1][:1]:
                registers[last] = literal
        if len(names) > 1 and form.in_pool == "floats" and registers[names[0]] == registers[names[1]]:
            # max(x, x) is x for assemblers, also where it is NaN.
            registers[names[1]] = next(other for other in VARIABLES[values.width(form.operands[1])] if other != registers[names[0]])
        to = self.variable(form.result)
        text = form.text.format(d=to, **registers, **{"global": "%global", "shared": "%shared"})
        # What comes before the last read of an operand must not write it.
        if not single:
            self.emit(f"{{ .reg .b{form.result} d; .reg .pred p, q; .reg .b16 h<4>; .reg .b32 t<8>; .reg .b64 x<8>;")
            text = form.text.format(d="d", **registers, **{"global": "%global", "shared": "%shared"})
            self.emit(f"{text} mov.b{form.result} {to}, d; }}")
        else:
            # With a guard, assemblers (CUDA 13) convert what a register of `set` had before.
            guard = self.pick([f"@%vp{self.below(4)} ", f"@!%vp{self.below(4)} "]) if self.chance(0.2) and not text.startswith("set.") else ""
            self.emit(guard + text)
        self.one_nan(form.text, to, form.result)
        self.mix(to, form.result)

    def one_nan(self, text, register, width):
        """Replaces a NaN whose bits the manual leaves open."""
        if "f64" in text and width == 64:
            self.emit(f"testp.notanumber.f64 %q3, {register};", f"@%q3 mov.b64 {register}, 0x7FF8000000000000;")
        elif text.startswith(("neg.", "abs.")) and text.split(" ")[0].endswith((".f32", "f16")):
            t, bits, nan = text.split(" ")[0].split(".")[-1], width, {"f32": "0x7FFFFFFF", "f16": "0x7FFF", "bf16": "0x7FFF"}
            self.emit(f"setp.nan.{t} %q3, {register}, {register};", f"@%q3 mov.b{bits} {register}, {nan[t]};")

    def predicate(self, at):
        """A predicate variable gets a value: of a comparison, or of other predicates."""
        i = self.below(4)
        to = f"%vp{i}"
        if self.chance(0.3):
            operation = self.pick(["and", "or", "xor"])
            self.emit(f"{operation}.pred {to}, %vp{self.below(4)}, %vp{self.below(4)};")
        else:
            self.compare(to)
        self.mix_predicate(to)

    def compare(self, to):
        """A comparison whose results are about evenly spread."""
        kind = self.below(5)
        if kind == 0:
            self.emit(f"and.b32 %w0, {self.variable(32)}, {1 << self.below(3)};", f"setp.ne.u32 {to}, %w0, 0;")
        elif kind == 1:
            t = self.pick(["u32", "s32", "f32"])
            relation = self.pick(["lt", "ge", "eq", "ne"] if t != "f32" else ["lt", "geu", "num", "gtu"])
            self.emit(f"setp.{relation}.{t} {to}, {self.variable(32)}, {self.variable(32)};")
        elif kind == 2:
            t = self.pick(["u64", "s64", "f64"])
            self.emit(f"setp.{self.pick(['lt', 'ge'])}.{t} {to}, {self.variable(64)}, {self.variable(64)};")
        elif kind == 3:
            t = self.pick(["u16", "s16", "f16"])
            operation, more = self.pick(["and", "or", "xor"]), f"{self.pick(['', '!'])}%vp{self.below(4)}"
            self.emit(f"setp.{self.pick(['lt', 'ge'])}.{operation}.{t} {to}, {self.variable(16)}, {self.variable(16)}, {more};")
        else:
            self.emit(f"shr.u32 %w0, {self.variable(32)}, {self.below(32)};", "and.b32 %w0, %w0, 1;", f"setp.eq.u32 {to}, %w0, 0;")

    def special_register(self, at):
        name = self.pick(["tid.x", "ctaid.x", "ntid.x", "nctaid.x", "laneid", "lanemask_eq", "lanemask_le", "lanemask_lt", "lanemask_ge",
                          "lanemask_gt", "tid.y", "ntid.z"])
        to = self.variable(32)
        self.emit(f"mov.u32 {to}, %{name};")
        self.mix(to, 32)

    def refresh(self, at):
        """Variables get new values: computations make numbers dull."""
        to = self.variable(64)
        self.emit(f"xor.b32 %w0, {self.variable(32)}, {self.below(1 << 16)};", "and.b32 %w0, %w0, 7;")
        self.emit(f"mad.lo.u32 %w0, %w0, {self.pick([8, 24, 40, 136])}, %thread;", f"add.u32 %w0, %w0, {self.below(INPUTS)};",
                  f"and.b32 %w0, %w0, {INPUTS - 1};", "mad.wide.u32 %y0, %w0, 8, %in;",
                  f"ld.global{self.pick(['', '.nc', '.ca', '.cg', '.relaxed.gpu', '.L1::evict_last'])}.b64 {to}, [%y0];")
        self.mix(to, 64)
        if self.chance(0.5):
            self.emit(f"mov.b64 {{{self.variable(32)}, %w0}}, {to};")
        if self.chance(0.5):
            first = self.below(5)
            self.emit(f"mov.b64 {{%vh{first}, %g0, %vh{(first + 1) % 5}, %g1}}, {to};")

    # Statements.

    def statement(self, at):
        """Writes a statement, unless it is one of those that are left out."""
        number, start, arrivals = self.statements_made, len(self.lines), self.arrivals
        self.statements_made += 1
        self.draw_statement(at)
        if number in self.without:
            del self.lines[start:]
            self.arrivals = arrivals

    def draw_statement(self, at):
        self.left -= 1
        if at.depth < 3 and self.left > 0 and self.chance(0.25 if at.depth else 0.4):
            self.way(at)
            return
        chosen = [self.form] * 12 + [self.predicate] * 2 + [self.refresh] * 2 + [self.special_register, self.local, self.local, self.table]
        chosen += [self.shuffle, self.shuffle, self.vote, self.match, self.reduce]
        if at.function < 0:
            chosen += [self.exchange, self.exchange, self.own, self.accumulate, self.accumulate, self.copy]
        if at.together:
            chosen += [self.phase, self.phase, self.barrier_reduction]
            if at.whole:
                chosen += [self.product, self.load_matrix]
            if at.depth == 0:
                chosen += [self.arrive_and_wait]
        self.pick(chosen)(at)

    def statements(self, at, most):
        for _ in range(1 + self.below(most)):
            self.statement(at)

    def start(self, source):
        """All variables get values, from a register of 64 bits."""
        for i in range(6):
            self.emit(f"add.u64 %vx{i}, {source}, {self.below(1 << 31)};" if self.chance(0.5) else f"mov.b64 %vx{i}, {source};")
        for i in range(10):
            self.emit(f"mov.b64 {{%vr{i}, %w0}}, {source};" if i % 2 else f"mov.b64 {{%w0, %vr{i}}}, {source};")
            if i > 1:
                self.emit(f"xor.b32 %vr{i}, %vr{i}, {self.pick([0, 1, self.below(1 << 31), 1 << 31])};")
        for i in range(5):
            self.emit(f"mov.b32 {{%vh{i}, %g0}}, %vr{i};")
        for i in range(4):
            self.emit(f"shr.u32 %w0, %vr{i}, {i + 3};", "and.b32 %w0, %w0, 1;", f"setp.ne.u32 %vp{i}, %w0, 0;")

    def write(self):
        name = self.name
        self.functions = [f"{name}_f{i}" for i in range(self.below(4))]
        tables = self.tables()
        bodies = [self.function(i) for i in reversed(range(len(self.functions)))]
        self.lines, self.left = [], 60
        parameters = ", ".join(f".param .u64 p_{parameter}" for parameter in PARAMETERS)
        self.emit(*DECLARATIONS, ".reg .b32 %thread, %place, %mask, %shared, %copies, %warp;", ".reg .b64 %in, %out, %scratch, %acc, %global;")
        self.declare_memory()
        self.emit(*(f"ld.param.u64 %{parameter}, [p_{parameter}];" for parameter in PARAMETERS),
                  "mov.u32 %place, %tid.x;", "mov.u32 %w0, %ctaid.x;", f"mad.lo.u32 %thread, %w0, {self.block}, %place;",
                  f"mad.wide.u32 %out, %thread, {4 * WORDS}, %out;", "mad.wide.u32 %scratch, %thread, 64, %scratch;",
                  "add.u64 %global, %scratch, 48;", "mov.u32 %hash, %thread;")
        # The lanes of the warp that there are.
        self.emit("and.b32 %w0, %place, 0x3E0;", f"sub.u32 %w0, {self.block}, %w0;", "min.u32 %w0, %w0, 32;", "mov.b32 %w1, -1;",
                  "sub.u32 %w0, 32, %w0;", "shr.u32 %mask, %w1, %w0;")
        self.emit("mad.lo.u32 %w0, %thread, 5, 3;", f"and.b32 %w0, %w0, {INPUTS - 1};", "mad.wide.u32 %y0, %w0, 8, %in;", "ld.global.b64 %y1, [%y0];")
        self.start("%y1")
        self.begin_memory()
        whole = self.block % 32 == 0
        exits = 6 + self.below(8) if self.chance(0.4) else -1
        for i in range(8 + self.below(CHECKPOINTS - 7)):
            if i == exits:
                self.exit_early()
                whole = False
            at = At("%mask", 0, exits < 0 or i < exits, whole)
            if not at.together and self.chance(0.2):
                self.phase(at)
            else:
                self.statement(at)
            self.emit(f"st.global.u32 [%out+{4 * i}], %hash;")
        self.finish()
        entry = [f".visible .entry {name}({parameters})", "{", *self.lines, "}"]
        return "\n".join([*tables, *(line for body in bodies for line in body), *entry]) + "\n"

    def function(self, i):
        """The lines of a function, which may call later ones, and itself a few times."""
        self.lines, self.left = [], 8
        self.emit(*DECLARATIONS, ".reg .b32 %thread, %mask, %depth; .reg .b64 %in;", f".local .align 16 .b8 {self.name}_l{i}[64];")
        self.emit("ld.param.b32 %hash, [hash];", "ld.param.b64 %y1, [value];", "ld.param.b32 %mask, [mask];", "ld.param.b32 %depth, [depth];",
                  "ld.param.b64 %in, [input];", "mov.b32 %thread, %hash;")
        self.start("%y1")
        self.begin_local(f"{self.name}_l{i}")
        at = At("%mask", 1, function=i)
        self.statements(at, 4)
        if self.chance(0.4):
            self.recurse(at)
        self.statements(at, 3)
        self.emit(f"mov.b64 %y1, {{%hash, {self.variable(32)}}};", f"xor.b64 %y1, %y1, {self.variable(64)};", "st.param.b64 [result], %y1;", "ret;")
        return [f".func (.param .b64 result) {self.functions[i]}({PROTOTYPE})", "{", *self.lines, "}"]


def inputs(seed):
    """Words that threads read: special values of all types, and others."""
    columns = []
    for name in ("f64", "u64"):
        columns.append(values.draw(name, f"random {seed} {name}", INPUTS // 8))
    for name in ("f32", "u32"):
        low, high = (values.draw(name, f"random {seed} {name} {i}", INPUTS // 8) for i in range(2))
        columns += [low | high << np.uint64(32)] * 2
    for name in ("f16", "bf16"):
        quarters = [values.draw(name, f"random {seed} {name} {i}", INPUTS // 8) for i in range(4)]
        columns.append(sum(quarter << np.uint64(16 * i) for i, quarter in enumerate(quarters)))
    return np.stack(columns, axis=1).reshape(-1).astype(np.uint64)


@dataclass(frozen=True)
class PoolForm(forms.Form):
    in_pool: str = ""


@functools.cache
def pools():
    """Forms that kernels are made of, by list."""
    listed = {"integers": integers.forms(), "floats": floats.forms(), "conversions": conversions.forms(), "video": video.simd(),
              "memory": (form for part in (warps.accesses, warps.atomics) for form in part() if "f64" not in form.text)}
    members = {name: [] for name in listed}
    for name, found in listed.items():
        for form in filter(is_usable, found):
            # Forms with memory of the thread's own are not for functions.
            name_of = "memory" if "{global}" in form.text or "{shared}" in form.text else name
            members[name_of].append(PoolForm(form.text, form.operands, form.result, form.approximate, name_of))
    return {name: Pool(found) for name, found in members.items()}


def is_usable(form):
    """Approximations, and what is known to differ, have no place here. A product without a rounding may be contracted with a sum."""
    if form.approximate or reason(form.name) or any(name.startswith("near") for name in form.operands):
        return False
    # What assemblers (CUDA 13) leave out is the conversion of a NaN here; and the upper half of the register, where `set` makes 16 bits.
    name = form.text.split(" ")[0]
    if name.endswith(("f16.f16", "f32.f32", "f16.bf16")) and name.startswith(("set.", "cvt.")):
        return False
    # The signs of their NaNs are open.
    if name.startswith(("neg.", "abs.")) and "f16x2" in name:
        return False
    return form.text.split(" ")[0] not in ("add.f32", "sub.f32", "mul.f32")


def generate(seed, without=frozenset()):
    """The kernel of a seed, without some of its statements, which are numbered in the order of their text."""
    writer = Writer(seed, pools(), without)
    ptx = writer.write()
    return Kernel(writer.name, ptx, writer.grid, writer.block, writer.statements_made, inputs(seed),
                  values.draw("u64", f"random {seed} accumulators", ACCUMULATORS))


#===- Execution ------------------------------------------------------------------------------------------------===#

def on_gpu(gpu, kernel, module):
    """What the threads store (an array [threads, WORDS]), and the accumulators, on a GPU."""
    threads = kernel.grid * kernel.block
    arrays = [gpu.upload(kernel.reads), gpu.zeros(4 * WORDS * threads), gpu.zeros(64 * threads), gpu.upload(kernel.accumulators)]
    gpu.launch(module, kernel.name, kernel.grid, kernel.block, arrays)
    stored, sums = gpu.download(arrays[1], np.uint32, (threads, WORDS)), gpu.download(arrays[3], np.uint64, (ACCUMULATORS,))
    gpu.free(arrays)
    return stored, sums


def on_simulator(kernel, directory, options=("--check=none",)):
    """The same by tile-sim, and what it wrote on stderr."""
    directory = Path(directory)
    threads = kernel.grid * kernel.block
    ptx, reads, stored, scratch, sums = (directory / f"{kernel.name}.{end}" for end in ("ptx", "in.npy", "out.npy", "scratch.npy", "acc.npy"))
    ptx.write_text(forms.HEADER + kernel.ptx)
    np.save(reads, kernel.reads)
    np.save(sums, kernel.accumulators)
    stored.unlink(missing_ok=True)
    words = [tool("tile-sim"), ptx, kernel.name, f"--grid={kernel.grid}", f"--block={kernel.block}", "--max-steps=3000000",
             "--arg", f"u64[{INPUTS}]={reads}", "--arg", f"out:u32[{threads},{WORDS}]={stored}",
             "--arg", f"out:u8[{64 * threads}]={scratch}", "--arg", f"inout:u64[{ACCUMULATORS}]={sums}"]
    done = subprocess.run([str(word) for word in [*words, *options]], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=TIMEOUT_SECONDS, check=False)
    assert done.returncode == 0 and not done.stderr, f"{kernel.name}\n{done.stderr[:2000]}"
    return np.load(stored), np.load(sums)


def reduce(seed, differs):
    """The kernel of a seed with as few statements as still make `differs(kernel)` true."""
    without = set()
    every = set(range(generate(seed).statements))
    size = max(1, len(every) // 2)
    while size:
        at = 0
        while at < len(left := sorted(every - without)):
            fewer = without | set(left[at:at + size])
            if differs(generate(seed, frozenset(fewer))):
                without = fewer
            else:
                at += size
        size //= 2
    return generate(seed, frozenset(without))


def digest(result):
    """Eight digits of all that a kernel wrote."""
    return hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in result)).hexdigest()[:8]
