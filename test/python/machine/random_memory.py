# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The part of random_kernels.py that accesses memory: local arrays and tables, shared memory between barriers, exchanges of a
warp, accumulators, copies, mbarriers, matrices."""

# Hashes that a thread stores on its way.
CHECKPOINTS = 20
# What functions take.
PROTOTYPE = ".param .b32 hash, .param .b64 value, .param .b32 mask, .param .b32 depth, .param .b64 input"
# Accumulators: each has one operation, which commutes.
ACCUMULATED = (("add", "u32"), ("min", "s32"), ("max", "u32"), ("and", "b32"), ("or", "b32"), ("xor", "b32"), ("add", "u64"), ("min", "u64"),
               ("max", "s64"), ("xor", "b64"), ("add", "s32"), ("max", "s32"), ("min", "u32"), ("or", "b64"), ("and", "b64"), ("max", "u64"))
# A warp's own shared memory: 16 bytes for each lane.
WARP_BYTES = 512
PRODUCTS = (("mma.sync.aligned.m16n8k16.row.col.s32.{a8}.{b8}.s32", 2, 1, 4), ("mma.sync.aligned.m16n8k32.row.col.s32.{a8}.{b8}.s32", 4, 2, 4),
            ("mma.sync.aligned.m8n8k16.row.col.s32.{a8}.{b8}.s32", 1, 1, 2), ("mma.sync.aligned.m16n8k64.row.col.s32.{a4}.{b4}.s32", 4, 2, 4),
            ("mma.sync.aligned.m16n8k32.row.col.satfinite.s32.{a4}.{b4}.s32", 2, 1, 4),
            ("mma.sync.aligned.m16n8k256.row.col.s32.b1.b1.s32.xor.popc", 4, 2, 4), ("mma.sync.aligned.m16n8k256.row.col.s32.b1.b1.s32.and.popc", 4, 2, 4))


class Memory:
    """Statements of a Writer (random_kernels.py)."""

    def tables(self):
        """Variables of the module: a table of numbers, in constant or global memory, and one of the functions."""
        self.table_space = self.pick(["const", "global"])
        words = ", ".join(str(self.draws.bits()) for _ in range(16))
        lines = [f".{self.table_space} .align 16 .b64 {self.name}_table[16] = {{{words}}};"]
        if self.functions:
            lines += [f".func (.param .b64 result) {function}({PROTOTYPE});" for function in self.functions]
            lines += [f".global .align 8 .u64 {self.name}_functions[{len(self.functions)}] = {{{', '.join(self.functions)}}};"]
        return lines

    def declare_memory(self):
        warps = (self.block + 31) // 32
        self.emit(f".local .align 16 .b8 {self.name}_l[64];", f".shared .align 16 .b8 own[{16 * self.block}];",
                  f".shared .align 16 .b8 slots[{8 * self.block}];", f".shared .align 16 .b8 copies[{16 * self.block}];",
                  f".shared .align 16 .b8 warps[{WARP_BYTES * warps}];", ".shared .align 8 .b8 sums[128];", ".shared .align 8 .b64 bars[1];")

    def begin_memory(self):
        """Addresses; the accumulators of the block; the mbarrier."""
        self.begin_local(f"{self.name}_l")
        self.emit("mov.u32 %w0, own;", "mad.lo.u32 %shared, %place, 16, %w0;", "mov.u32 %w0, copies;", "mad.lo.u32 %copies, %place, 16, %w0;",
                  "shr.u32 %w1, %place, 5;", "mov.u32 %w0, warps;", f"mad.lo.u32 %warp, %w1, {WARP_BYTES}, %w0;")
        self.emit("setp.lt.u32 %q0, %place, 16;", "mov.u32 %w0, sums;", "mad.lo.u32 %w0, %place, 8, %w0;", "@%q0 st.shared.b64 [%w0], %y1;",
                  "setp.eq.u32 %q0, %place, 0;", f"@%q0 mbarrier.init.shared.b64 [bars], {self.block};", "bar.sync 0;")

    def begin_local(self, name):
        """A local array that has values everywhere."""
        self.array = name
        for i in range(0, 64, 16):
            self.emit(f"st.local.v2.b64 [{name}+{i}], {{{self.variable(64)}, {self.variable(64)}}};")

    # A thread's own.

    def at_index(self, base, size, spread, to="%w0"):
        """An address of `base` (a variable) plus a drawn multiple of the size."""
        self.emit(f"and.b32 {to}, {self.variable(32)}, {spread // size - 1};", f"mov.u32 %w1, {base};", f"mad.lo.u32 {to}, {to}, {size}, %w1;")

    def transfer(self, space, address, size):
        """Loads or stores so many bytes, which are aligned."""
        if size == 16:
            if self.chance(0.5):
                first = self.below(7)
                listed = [f"%vr{first + i}" for i in range(4)]
                t = "v4.b32"
            else:
                first = self.below(5)
                listed, t = [f"%vx{first + i}" for i in range(2)], "v2.b64"
            if self.chance(0.5):
                self.emit(f"st{space}.{t} {address}, {{{', '.join(listed)}}};")
            else:
                self.emit(f"ld{space}.{t} {{{', '.join(listed)}}}, {address};")
                for register in listed:
                    self.mix(register, int(t[-2:]))
            return
        into = self.pick([width for width in (16, 32, 64) if width >= 8 * size])
        register = self.variable(into)
        t = self.pick([f"{kind}{8 * size}" for kind in "usb"])
        if self.chance(0.5):
            self.emit(f"st{space}.{t} {address}, {register};")
        else:
            self.emit(f"ld{space}.{t} {register}, {address};")
            self.mix(register, into)

    def local(self, at):
        size = self.pick([1, 2, 4, 8, 16])
        self.emit(f"mov.u64 %y0, {self.array};", f"and.b32 %w0, {self.variable(32)}, {64 // size - 1};", f"mad.wide.u32 %y0, %w0, {size}, %y0;")
        if self.chance(0.3):
            self.emit("cvta.local.u64 %y0, %y0;")
            self.transfer("", "[%y0]", size)
        else:
            self.transfer(".local", "[%y0]", size)

    def table(self, at):
        size = self.pick([1, 2, 4, 8])
        to = self.variable(max(16, 8 * size))
        self.emit(f"mov.u64 %y0, {self.name}_table;", f"and.b32 %w0, {self.variable(32)}, {128 // size - 1};", f"mad.wide.u32 %y0, %w0, {size}, %y0;")
        space = self.table_space
        if self.chance(0.3):
            self.emit(f"cvta.{space}.u64 %y0, %y0;", f"ld.{self.pick('us')}{8 * size} {to}, [%y0];")
        else:
            self.emit(f"ld.{space}.{self.pick('us')}{8 * size} {to}, [%y0];")
        self.mix(to, max(16, 8 * size))

    def own(self, at):
        """Global memory that is the thread's own, directly or by a generic address."""
        size = self.pick([1, 2, 4, 8, 16])
        self.emit(f"and.b32 %w0, {self.variable(32)}, {32 // size - 1};", f"mad.wide.u32 %y0, %w0, {size}, %scratch;")
        self.transfer(self.pick([".global", ".global", ".volatile.global" if size < 16 else ".global"]), "[%y0]", size)

    # What lanes, or threads, give each other.

    def exchange(self, at):
        """Lanes of one way write to the shared memory of their warp, and read what another one wrote."""
        width = self.pick([32, 64])
        value, to = self.variable(width), self.variable(width)
        self.emit("mov.u32 %w0, %laneid;", "mad.lo.u32 %w2, %w0, 16, %warp;", f"st.shared.b{width} [%w2], {value};", f"bar.warp.sync {at.mask};")
        self.source_lane(at, "%w3")
        self.emit("mad.lo.u32 %w3, %w3, 16, %warp;", f"ld.shared.b{width} {to}, [%w3];", f"bar.warp.sync {at.mask};")
        self.mix(to, width)

    def accumulate(self, at):
        i = self.below(len(ACCUMULATED))
        operation, t = ACCUMULATED[i]
        value = self.variable(int(t[1:]))
        if self.chance(0.4):
            self.emit("mov.u32 %w0, sums;")
            self.emit(f"red{self.pick(['', '.relaxed.cta', '.release.cta'])}.shared.{operation}.{t} [%w0+{8 * i}], {value};")
        elif self.chance(0.5):
            self.emit(f"red{self.pick(['', '.relaxed.gpu', '.release.gpu'])}.global.{operation}.{t} [%acc+{8 * i}], {value};")
        else:
            unused = "%w4" if t.endswith("32") else "%y2"
            self.emit(f"atom{self.pick(['', '.relaxed.gpu', '.acq_rel.gpu', '.acquire.sys'])}.global.{operation}.{t} {unused}, [%acc+{8 * i}], {value};")

    def phase(self, at):
        """Each thread writes its element, all wait, each reads another one's, all wait. A part of the block may have ended."""
        width = self.pick([32, 64])
        value, to = self.variable(width), self.variable(width)
        barrier = self.pick(["bar.sync 0;", "barrier.sync.aligned 1;", "barrier.sync 2;", f"bar.sync {3 + self.below(12)};"] if at.whole else ["bar.sync 0;"])
        self.emit("mov.u32 %w2, slots;", "mad.lo.u32 %w0, %place, 8, %w2;", f"st.shared.b{width} [%w0], {value};", barrier)
        if not at.together:
            # Elements of threads that have ended may have no value: neighbours that are there read each other.
            self.source_lane(at, "%w0")
            self.emit("and.b32 %w1, %place, 0x3E0;", "add.u32 %w0, %w0, %w1;")
        else:
            if self.left > 0 and self.chance(0.3):
                self.form(at)
            self.emit(f"rem.u32 %w0, {self.variable(32)}, {self.block};")
        self.emit("mov.u32 %w2, slots;", "mad.lo.u32 %w0, %w0, 8, %w2;", f"ld.shared.b{width} {to}, [%w0];", barrier)
        self.mix(to, width)

    def barrier_reduction(self, at):
        condition = f"{self.pick(['', '!'])}%vp{self.below(4)}"
        kind = self.pick(["popc.u32", "and.pred", "or.pred"])
        to = self.variable(32) if kind == "popc.u32" else f"%vp{self.below(4)}"
        self.emit(f"{self.pick(['bar', 'barrier'])}.red.{kind} {to}, {self.below(4)}, {condition};")
        if kind == "popc.u32":
            self.mix(to, 32)
        else:
            self.mix_predicate(to)

    # Copies and mbarriers.

    def copy(self, at):
        """Asynchronous copies to the thread's own place, awaited by their groups."""
        size = self.pick([4, 8, 16])
        groups = 16 // size if self.chance(0.5) else 1
        for i in range(min(groups, 3)):
            self.emit(f"and.b32 %w0, {self.variable(32)}, {1024 // 2 - 1};", "mad.wide.u32 %y0, %w0, 16, %in;")
            more = ""
            if self.chance(0.3):
                self.emit(f"and.b32 %w1, {self.variable(32)}, {size - 1};")
                more = ", %w1"
            self.emit(f"cp.async.{'cg' if size == 16 and self.chance(0.5) else 'ca'}.shared.global [%copies+{i * size}], [%y0], {size}{more};",
                      "cp.async.commit_group;")
        count = min(groups, 3)
        if count > 1 and self.chance(0.5):
            # The first ones are there, whatever the last one does.
            self.emit("cp.async.wait_group 1;", "ld.shared.b32 %w2, [%copies];")
            self.mix("%w2", 32)
        self.emit(self.pick(["cp.async.wait_group 0;", "cp.async.wait_all;"]))
        for i in range(count):
            t = {4: "b32", 8: "b64", 16: "v2.b64"}[size]
            if size == 16:
                self.emit(f"ld.shared.v2.b64 {{%y1, %y2}}, [%copies];", "xor.b64 %y1, %y1, %y2;")
                self.mix("%y1", 64)
            else:
                to = self.variable(8 * size)
                self.emit(f"ld.shared.{t} {to}, [%copies+{i * size}];")
                self.mix(to, 8 * size)

    def arrive_and_wait(self, at):
        """A phase of the mbarrier: elements are written before, by stores or by copies, and read after it."""
        parity, again = self.arrivals % 2, self.fresh("AGAIN")
        self.arrivals += 1
        self.emit("mov.u32 %w2, slots;", "mad.lo.u32 %w0, %place, 8, %w2;")
        if self.chance(0.4):
            self.emit(f"and.b32 %w1, {self.variable(32)}, 1023;", "mad.wide.u32 %y0, %w1, 8, %in;", "cp.async.ca.shared.global [%w0], [%y0], 8;",
                      "cp.async.mbarrier.arrive.shared.b64 [bars];")
        else:
            self.emit(f"st.shared.b64 [%w0], {self.variable(64)};")
        self.emit("mbarrier.arrive.shared.b64 %y3, [bars];")
        for _ in range(self.below(3)):
            self.form(at)
        self.lines.append(f"{again}:")
        self.emit(self.pick(["mbarrier.test_wait.shared.b64 %q2, [bars], %y3;", f"mbarrier.test_wait.parity.shared.b64 %q2, [bars], {parity};",
                             f"mbarrier.try_wait.parity.shared.b64 %q2, [bars], {parity};"]), f"@!%q2 bra {again};")
        to = self.variable(64)
        self.emit(f"rem.u32 %w0, {self.variable(32)}, {self.block};", "mov.u32 %w2, slots;", "mad.lo.u32 %w0, %w0, 8, %w2;", f"ld.shared.b64 {to}, [%w0];", "bar.sync 0;")
        self.mix(to, 64)

    # Matrices.

    def product(self, at):
        text, a, b, c = self.pick(PRODUCTS)
        text = text.format(a8=self.pick(["u8", "s8"]), b8=self.pick(["u8", "s8"]), a4=self.pick(["u4", "s4"]), b4=self.pick(["u4", "s4"]))
        registers = lambda count: "{" + ", ".join(self.variable(32) for _ in range(count)) + "}"
        first = self.below(7)
        results = [f"%vr{first + i}" for i in range(c)]
        self.emit(f"{text} {{{', '.join(results)}}}, {registers(a)}, {registers(b)}, {registers(c)};")
        for register in results:
            self.mix(register, 32)

    def load_matrix(self, at):
        if self.chance(0.3):
            to = self.variable(32)
            self.emit(f"movmatrix.sync.aligned.m8n8.trans.b16 {to}, {self.variable(32)};")
            self.mix(to, 32)
            return
        count = self.pick([1, 2, 4])
        first = self.below(7)
        listed = ", ".join(f"%vr{first + i}" for i in range(count))
        turned = self.pick(["", ".trans"])
        self.emit("mov.u32 %w0, %laneid;", "mad.lo.u32 %w2, %w0, 16, %warp;", f"st.shared.v2.b64 [%w2], {{{self.variable(64)}, {self.variable(64)}}};",
                  "bar.warp.sync -1;", f"xor.b32 %w0, %w0, {self.below(32)};", "mad.lo.u32 %w2, %w0, 16, %warp;",
                  f"ldmatrix.sync.aligned.m8n8.x{count}{turned}.shared.b16 {{{listed}}}, [%w2];", "bar.warp.sync -1;")
        for i in range(count):
            self.mix(f"%vr{first + i}", 32)

    def finish(self):
        """The last hash; and what the block has accumulated goes to memory."""
        self.emit(f"st.global.u32 [%out+{4 * CHECKPOINTS}], %hash;", "bar.sync 0;", "setp.lt.u32 %q0, %place, 16;", "mov.u32 %w0, sums;",
                  "mad.lo.u32 %w0, %place, 8, %w0;", "mov.b64 %y1, 0;", "@%q0 ld.shared.b64 %y1, [%w0];",
                  "mov.b64 {%w1, %w2}, %y1;",
                  f"@%q0 st.global.u32 [%out+{4 * CHECKPOINTS + 8}], %w1;", f"@%q0 st.global.u32 [%out+{4 * CHECKPOINTS + 12}], %w2;", "ret;")
