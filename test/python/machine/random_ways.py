# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The part of random_kernels.py that makes ways through the code: branches, loops, switches, calls, early ends; and what the lanes
that take one way do together. A way has a register with the mask of its lanes, which all of them have computed together."""

from dataclasses import dataclass, replace

from machine.random_memory import CHECKPOINTS

CALL_PROTOTYPE = "(.param .b64 _) _ (.param .b32 _, .param .b64 _, .param .b32 _, .param .b32 _, .param .b64 _)"


@dataclass(frozen=True)
class At:
    """Where a statement stands: the register with the mask; how deep; whether all threads of the block come here together;
    whether all lanes of the warp do; in which function, which may call later ones."""
    mask: str
    depth: int = 0
    together: bool = False
    whole: bool = False
    function: int = -1


class Ways:
    """Statements of a Writer (random_kernels.py)."""

    def way(self, at):
        chosen = [self.branch] * 4 + [self.loop] * 3 + [self.switch] * 2
        if at.function + 1 < len(self.functions):
            chosen += [self.call] * 3 + [self.indirect_call] * 2
        if at.together:
            chosen += [self.branch_together, self.loop_together]
        self.pick(chosen)(at)

    def inner(self, at, mask):
        return replace(at, mask=mask, depth=at.depth + 1, together=False, whole=False)

    def parted(self, at, condition):
        """(mask of the lanes where a condition holds, mask of the others): fresh registers."""
        yes, no = self.fresh("%m"), self.fresh("%m")
        self.emit(f".reg .b32 {yes}, {no};", f"vote.sync.ballot.b32 {yes}, {condition}, {at.mask};", f"not.b32 {no}, {yes};",
                  f"and.b32 {no}, {no}, {at.mask};")
        return yes, no

    def condition(self):
        """A fresh predicate with a value."""
        condition = self.fresh("%c")
        self.emit(f".reg .pred {condition};")
        if self.chance(0.3):
            self.emit(f"mov.pred {condition}, %vp{self.below(4)};")
        else:
            self.compare(condition)
        return condition

    def branch(self, at):
        condition = self.condition()
        yes, no = self.parted(at, condition)
        other, end = self.fresh("ELSE"), self.fresh("END")
        if self.chance(0.3):
            # Without another side.
            self.emit(f"@!{condition} bra {end};")
            self.statements(self.inner(at, yes), 4)
            self.lines.append(f"{end}:")
            return
        self.emit(f"@!{condition} bra {other};")
        self.statements(self.inner(at, yes), 4)
        self.emit(f"bra{self.pick(['', '.uni'])} {end};")
        self.lines.append(f"{other}:")
        self.statements(self.inner(at, no), 4)
        self.lines.append(f"{end}:")

    def loop(self, at):
        """A loop of which each lane has its own number of rounds; some leave it early, some go on with the next round."""
        count, mask, condition = self.fresh("%n"), self.fresh("%m"), self.fresh("%c")
        head, end = self.fresh("HEAD"), self.fresh("END")
        self.emit(f".reg .b32 {count}, {mask}; .reg .pred {condition};", f"and.b32 {count}, {self.variable(32)}, 3;",
                  f"add.u32 {count}, {count}, {self.below(2)};", f"mov.b32 {mask}, {at.mask};")
        self.lines.append(f"{head}:")
        self.emit(f"setp.ne.s32 {condition}, {count}, 0;", f"vote.sync.ballot.b32 {mask}, {condition}, {mask};",
                  f"@!{condition} bra {end};", f"sub.s32 {count}, {count}, 1;")
        inside = self.inner(at, mask)
        self.statements(inside, 3)
        if self.chance(0.5):
            leaves = self.condition()
            yes, no = self.parted(inside, leaves)
            if self.chance(0.6):
                self.emit(f"@{leaves} bra {end};", f"mov.b32 {mask}, {no};")
                self.statements(inside, 2)
            else:
                self.emit(f"@{leaves} bra {head};")
                # The mask stays that of the lanes that meet at the head.
                self.statements(replace(inside, mask=no), 2)
        self.emit(f"bra {head};")
        self.lines.append(f"{end}:")

    def switch(self, at):
        index, mask, table, end = self.fresh("%n"), self.fresh("%m"), self.fresh("TABLE"), self.fresh("END")
        cases = 2 + self.below(3)
        labels = [self.fresh("CASE") for _ in range(cases)]
        listed = [*labels, *(self.pick(labels) for _ in range(self.below(2)))]
        # Lanes at one case have come by one index each: the masks are by index, so that a label that is listed twice has none.
        self.emit(f".reg .b32 {index}, {mask};", f"rem.u32 {index}, {self.variable(32)}, {len(listed)};",
                  f"match.any.sync.b32 {mask}, {index}, {at.mask};")
        self.emit(f"{table}: .branchtargets {', '.join(listed)};", f"brx.idx {index}, {table};")
        for i, label in enumerate(labels):
            self.lines.append(f"{label}:")
            self.statements(self.inner(at, mask), 3)
            if i == cases - 1 or self.chance(0.8):
                self.emit(f"bra {end};")
            # Else it falls through to the next one, with the mask that it has.
        self.lines.append(f"{end}:")

    # Functions.

    def pass_and_call(self, callee, mask, depth, more=""):
        result = self.variable(64)
        self.emit("{ .param .b32 c0; .param .b64 c1; .param .b32 c2; .param .b32 c3; .param .b64 c4; .param .b64 c5;",
                  f"st.param.b32 [c0], {self.variable(32)};", f"st.param.b64 [c1], {self.variable(64)};", f"st.param.b32 [c2], {mask};",
                  f"st.param.b32 [c3], {depth};", "st.param.b64 [c4], %in;",
                  f"call (c5), {callee}, (c0, c1, c2, c3, c4){more};", f"ld.param.b64 {result}, [c5]; }}")
        self.mix(result, 64)

    def call(self, at):
        callee = self.pick(self.functions[at.function + 1:])
        self.pass_and_call(callee, at.mask, self.below(4))

    def indirect_call(self, at):
        """Each lane calls a function of its own choice."""
        targets = self.functions[at.function + 1:]
        index, mask, address, prototype = self.fresh("%n"), self.fresh("%m"), self.fresh("%a"), self.fresh("PROTOTYPE")
        self.emit(f".reg .b32 {index}, {mask}; .reg .b64 {address};", f"rem.u32 {index}, {self.variable(32)}, {len(targets)};",
                  f"match.any.sync.b32 {mask}, {index}, {at.mask};")
        if self.chance(0.5):
            self.emit(f"mov.u64 {address}, {self.name}_functions;", f"add.u32 %w0, {index}, {at.function + 1};",
                      f"mad.wide.u32 {address}, %w0, 8, {address};", f"ld.global.u64 {address}, [{address}];")
        else:
            self.emit(f"mov.u64 {address}, {targets[0]};")
            for i, target in enumerate(targets[1:], 1):
                self.emit(f"mov.u64 %y0, {target};", f"setp.eq.u32 %q0, {index}, {i};", f"selp.b64 {address}, %y0, {address}, %q0;")
        self.emit(f"{prototype}: .callprototype {CALL_PROTOTYPE};")
        self.pass_and_call(address, mask, self.below(3), f", {prototype}")

    def recurse(self, at):
        """The function calls itself, while its parameter is not 0."""
        condition, end = self.fresh("%c"), self.fresh("END")
        self.emit(f".reg .pred {condition};", f"setp.ne.u32 {condition}, %depth, 0;")
        if self.chance(0.5):
            self.emit(f"@{condition} and.b32 %w0, {self.variable(32)}, 3;", f"@{condition} setp.ne.u32 {condition}, %w0, 0;")
        yes, _ = self.parted(at, condition)
        self.emit(f"@!{condition} bra {end};", "sub.u32 %depth, %depth, 1;")
        self.pass_and_call(self.functions[at.function], yes, "%depth")
        self.lines.append(f"{end}:")

    def exit_early(self):
        """Some lanes end; the others go on."""
        condition, stays = self.condition(), self.fresh("STAYS")
        _, no = self.parted(At("%mask"), condition)
        self.emit(f"mov.b32 %mask, {no};", f"@!{condition} bra {stays};", f"st.global.u32 [%out+{4 * CHECKPOINTS}], %hash;", self.pick(["ret;", "exit;"]))
        self.lines.append(f"{stays}:")

    # What is the same for all threads of a block.

    def branch_together(self, at):
        end, condition = self.fresh("END"), self.fresh("%c")
        self.emit(f".reg .pred {condition};", "mov.u32 %w0, %ctaid.x;", f"setp.eq.u32 {condition}, %w0, {self.below(2)};", f"@{condition} bra {end};")
        self.statements(replace(at, depth=at.depth + 1), 3)
        self.lines.append(f"{end}:")

    def loop_together(self, at):
        head, count, condition = self.fresh("HEAD"), self.fresh("%n"), self.fresh("%c")
        self.emit(f".reg .b32 {count}; .reg .pred {condition};", f"mov.u32 {count}, %ctaid.x;", f"add.u32 {count}, {count}, {1 + self.below(2)};")
        self.lines.append(f"{head}:")
        self.statements(replace(at, depth=at.depth + 1), 3)
        self.emit(f"sub.u32 {count}, {count}, 1;", f"setp.ne.u32 {condition}, {count}, 0;", f"@{condition} bra {head};")

    # Lanes of one way.

    def source_lane(self, at, to):
        """`to` gets a lane of the mask: a drawn one, or the thread's own."""
        self.emit(f"and.b32 {to}, {self.variable(32)}, 31;", f"shr.u32 %w1, {at.mask}, {to};", "and.b32 %w1, %w1, 1;",
                  "setp.ne.u32 %q0, %w1, 0;", "mov.u32 %w1, %laneid;", f"selp.b32 {to}, {to}, %w1, %q0;")

    def shuffle(self, at):
        to, value = self.variable(32), self.variable(32)
        mode = self.pick(["idx", "idx", "up", "down", "bfly"])
        if mode == "idx":
            self.source_lane(at, "%w0")
            self.emit(f"shfl.sync.idx.b32 {to}|%q1, {value}, %w0, 31, {at.mask};")
        else:
            # From a lane that is not in the mask comes anything: it is replaced.
            distance = self.below(32)
            self.emit("mov.u32 %w0, %laneid;", f"{ {'up': 'sub.s32', 'down': 'add.s32', 'bfly': 'xor.b32'}[mode] } %w0, %w0, {distance};",
                      "and.b32 %w1, %w0, 31;", "setp.eq.u32 %q0, %w0, %w1;", f"shr.u32 %w2, {at.mask}, %w1;", "and.b32 %w2, %w2, 1;",
                      "setp.ne.and.u32 %q0, %w2, 0, %q0;")
            self.emit(f"mov.b32 %w3, {value};", f"shfl.sync.{mode}.b32 %w4|%q1, {value}, {distance}, {0 if mode == 'up' else 31}, {at.mask};",
                      f"selp.b32 {to}, %w4, %w3, %q0;")
        self.mix(to, 32)
        self.mix_predicate("%q1")

    def vote(self, at):
        sign, of = self.pick(["", "!"]), f"%vp{self.below(4)}"
        mode = self.pick(["ballot", "all", "any", "uni"])
        if mode == "ballot":
            to = self.variable(32)
            self.emit(f"vote.sync.ballot.b32 {to}, {sign}{of}, {at.mask};")
            self.mix(to, 32)
        else:
            to = f"%vp{self.below(4)}"
            self.emit(f"vote.sync.{mode}.pred {to}, {sign}{of}, {at.mask};")
            self.mix_predicate(to)

    def match(self, at):
        to, width = self.variable(32), self.pick([32, 64])
        value = self.variable(width)
        if width == 32 and self.chance(0.7):
            self.emit(f"and.b32 %w0, {value}, {self.pick([1, 3, 7])};")
            value = "%w0"
        if self.chance(0.7):
            self.emit(f"match.any.sync.b{width} {to}, {value}, {at.mask};")
        else:
            self.emit(f"match.all.sync.b{width} {to}|%q0, {value}, {at.mask};")
            self.mix_predicate("%q0")
        self.mix(to, 32)

    def reduce(self, at):
        to = self.variable(32)
        operation = self.pick(["add.u32", "add.s32", "min.u32", "min.s32", "max.u32", "max.s32", "and.b32", "or.b32", "xor.b32"])
        self.emit(f"redux.sync.{operation} {to}, {self.variable(32)}, {at.mask};")
        self.mix(to, 32)
