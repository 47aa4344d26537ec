# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the IR of a litmus test from a short form of its threads, for tests that go through many variants of a shape.

A thread is a list of steps; `e` is the grid's entry token, `x` means `x[0]`:

    a = store x 1 release device after e      TOKEN = store ELEMENT VALUE [ORDER SCOPE] [after TOKENS] [when REG VALUE]
    r0 a = load x acquire device after e      REG TOKEN = load ELEMENT ...
    r0 a = add x 1 relaxed device after e     REG TOKEN = add|xchg|max ELEMENT VALUE ...
    r0 a = cas x 0 1 acq_rel device after e   REG TOKEN = cas ELEMENT EXPECTED NEW ...
    t = join a b

A VALUE is a number or a register. `when` masks the access: it happens only where the register has the value, and a load
gives -1 otherwise. Threads are the iterations of one grid, or of several; the registers and the final values of arrays
are printed as `r0=1 x=2`."""

import re

KINDS = {"add": "addi", "xchg": "xchg", "max": "maxs"}


class Writer:
    def __init__(self):
        self.lines, self.numbers = [], set()

    def value(self, text):
        """A number or a register as a value of the IR."""
        if re.fullmatch(r"-?\d+", text):
            self.numbers.add(int(text))
            return f"%v{text.replace('-', 'm')}"
        return f"%{text}"

    @staticmethod
    def element(text):
        match = re.fullmatch(r"(\w+)(?:\[(\d+)\])?", text)
        return match.group(1), int(match.group(2) or 0)

    def step(self, text, sizes, pad):
        """The lines of one step; gives its register and its token."""
        results, words = text.split(" = ")[0].split(), text.split(" = ")[1].split()
        if words[0] == "join":
            self.lines.append(f"{pad}%{results[0]} = tile.join {', '.join('%' + word for word in words[1:])}")
            return None, results[0]
        tail = {"after": [], "when": []}
        at = next((n for n, word in enumerate(words) if word in tail), len(words))
        for word in words[at:]:
            if word in tail:
                current = tail[word]
            else:
                current.append(word)
        kind, (array, index), rest = words[0], self.element(words[1]), words[2:at]
        operands = {"store": 1, "load": 0, "cas": 2}.get(kind, 1)
        values, order = [self.value(word) for word in rest[:operands]], " ".join(rest[operands:])
        token = results[-1]
        mask = ""
        if tail["when"]:
            register, expected = tail["when"]
            self.lines.append(f"{pad}%m_{token} = arith.cmpi eq, %{register}, {self.value(expected)} : i32")
            mask = f" mask %m_{token} : i1"
        after = f" after ({', '.join('%' + word for word in tail['after'])})" if tail["after"] else ""
        place, type_ = f"%{array}[%c{index}]", f"memref<{sizes[array]}xi32>[index]"
        suffix = f"{mask}{'{pad}'}{after}{' ' + order if order else ''}"
        fill = f" pad {self.value('-1')} : i32" if mask and kind == "load" else ""
        suffix = suffix.replace("{pad}", fill)
        if kind == "store":
            self.lines.append(f"{pad}%{token} = tile.store {values[0]}, {place}{suffix} : i32, {type_}")
        elif kind == "load":
            self.lines.append(f"{pad}%{results[0]}, %{token} = tile.load {place}{suffix} : {type_} -> i32")
        elif kind == "cas":
            self.lines.append(f"{pad}%{results[0]}, %{token} = tile.atomic_cas {', '.join(values)}, {place}{suffix}"
                              f" : i32, i32, {type_} -> i32")
        else:
            self.lines.append(f"{pad}%{results[0]}, %{token} = tile.atomic_rmw {KINDS[kind]} {values[0]}, {place}"
                              f"{suffix} : i32, {type_} -> i32")
        return (results[0] if len(results) == 2 else None), token

    def grid(self, label, threads, after, registers, sizes):
        """A grid with one iteration for each thread. Registers that start with `_` are not printed."""
        count = len(threads)
        head = f'  %{label} = tile.grid "{label}" (%i "i" : index = %c0 to %c{count} step %c1) entry %e'
        self.lines.append(f"{head} after ({', '.join('%' + name for name in after)}) {{" if after else head + " {")
        self.lines.append("    %done = scf.index_switch %i -> !tile.token")
        for number, thread in enumerate(threads):
            self.lines.append(f"    case {number} {{" if number < count - 1 else "    default {")
            tokens, results = [], []
            for text in thread:
                register, token = self.step(text, sizes, "      ")
                tokens.append(token)
                results += [register] if register and not register.startswith("_") else []
            # After all steps, since an interpreter may perform a load as late as its value is used.
            for register in results:
                self.lines.append(f"      %s_{register} = tile.store %{register}, %out[%c{len(registers)}] after (%e)"
                                  f" : i32, memref<{sizes['out']}xi32>[index]")
                tokens.append(f"s_{register}")
                registers.append(register)
            self.lines.append(f"      %all = tile.join {', '.join('%' + token for token in tokens)}")
            self.lines.append("      scf.yield %all : !tile.token")
            self.lines.append("    }")
        self.lines += ["    tile.yield %done : !tile.token", "  }"]


def registers_of(threads):
    found = [step.split(" = ")[0].split() for thread in threads for step in thread]
    return [names[0] for names in found if len(names) == 2 and not names[0].startswith("_")]


def kernel(name, *threads, arrays="x y", finals="", initial=0, grids=None):
    """The text of a test. `arrays`: names, with a size where it is not 1 (`x:2`); `finals`: elements to print at last;
    `initial`: their first value, or None to leave them undefined; `grids`: instead of threads, triples of label, the
    labels of the grids that it comes after, and threads."""
    grids = grids or [("threads", ["init"], list(threads))]
    sizes = {word.split(":")[0]: int((word + ":1").split(":")[1]) for word in arrays.split()}
    printed = [register for _, _, group in grids for register in registers_of(group)]
    writer, seen = Writer(), []
    sizes["out"] = max(1, len(printed))
    for label, after, group in grids:
        writer.grid(label, group, after, seen, sizes)
    body, writer.lines = writer.lines, []
    if initial is not None:
        writer.lines.append('  %init = tile.grid "init" () entry %e {')
        tokens = []
        for array, size in sizes.items():
            for index in range(size if array != "out" else 0):
                _, token = writer.step(f"s_{array}{index} = store {array}[{index}] {initial} after e", sizes, "    ")
                tokens.append(f"%{token}")
        writer.lines += [f"    tile.yield {', '.join(tokens)} : {', '.join(['!tile.token'] * len(tokens))}", "  }"]
    else:
        writer.lines += ['  %init = tile.grid "init" () entry %e {', "    tile.yield %e : !tile.token", "  }"]
    first, writer.lines = writer.lines, []
    labels = [label for label, _, _ in grids]
    after = ", ".join("%" + label for label in ["init", *labels])
    writer.lines.append(f'  %result = tile.grid "result" () entry %e after ({after}) {{')
    names, texts = [], []
    for number, register in enumerate(printed):
        writer.step(f"{register} t_{register} = load out[{number}] after e", sizes, "    ")
        names.append(f"%{register}")
        texts.append(f"{register}={{}}")
    for element in finals.split():
        safe = re.sub(r"\W", "", element)
        writer.step(f"f_{safe} t_{safe} = load {element} after e", sizes, "    ")
        names.append(f"%f_{safe}")
        texts.append(f"{element}={{}}")
    types = ", ".join(["i32"] * len(names))
    quoted = ", ".join(['"i32"'] * len(names))
    writer.lines.append(f'    tile.print "{" ".join(texts)}" ({", ".join(names)} : {types}) types [{quoted}]')
    writer.lines += ["    tile.yield %e : !tile.token", "  }", "  tile.return", "}"]
    indices = max([1, *sizes.values(), *(len(group) for _, _, group in grids)])
    head = [f"tile.kernel @{name}() {{"]
    head += [f"  %c{n} = arith.constant {n} : index" for n in range(indices + 1)]
    head += [f"  %v{str(n).replace('-', 'm')} = arith.constant {n} : i32" for n in sorted(writer.numbers)]
    head += [f'  %{array} = tile.array() "{array}" : memref<{size}xi32>' for array, size in sizes.items()]
    return "\n".join(head + first + body + writer.lines) + "\n"
