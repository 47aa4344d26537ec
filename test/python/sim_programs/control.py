#===- control.py - programs whose threads go ways of their own -----------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Recursion, calls through pointers, switches, interpreters, threads that leave early, prints and assertions."""

import numpy as np

from sim_programs import InOut, Out, equal, integers, program, small


@program
def recursion(run, rng):
    threads, each = 40, 13
    x = rng.integers(-50, 50, (threads, each)).astype(np.int32)
    numbers, y = run("recurse", 1, threads, Out(np.int32, (threads, 3)), InOut(x), each)

    def hanoi(disks, source, target, moves):
        if disks == 0:
            return moves
        other = 6 - source - target
        moves = hanoi(disks - 1, source, other, moves)
        return hanoi(disks - 1, other, target, moves * 3 + source * 4 + target)
    ackermann = [lambda n: n + 1, lambda n: n + 2, lambda n: 2 * n + 3]
    low = lambda v: (v + 2**31) % 2**32 - 2**31
    equal(numbers, [[ackermann[t % 3](t % 5), 1 if t % 2 else 2, low(hanoi(t % 6, 1, 3, t))] for t in range(threads)])
    equal(y, np.sort(x, 1))


@program
def function_pointers(run, rng):
    n, threads = 9, 50
    x = integers(rng, np.int32, n + threads).astype(np.int64)
    which = rng.integers(0, 4, threads).astype(np.uint8)
    (y,) = run("folds", 1, threads, x.astype(np.int32), n, which, Out(np.int32, (2, threads)))
    low = lambda v: (v + 2**31) % 2**32 - 2**31
    operations = [lambda a, b: low(a + b), lambda a, b: low(a - b), lambda a, b: low(a * b), max]

    def fold(k, values):
        r = values[0]
        for v in values[1:]:
            r = operations[k](r, v)
        return r
    first, second = [], []
    for t, k in enumerate(which.tolist()):
        values = x[t:t + n].tolist()
        first.append(fold(k, values))
        second.append(low(fold(k ^ 1 if k & 1 else k, values[:n // 2]) + operations[k ^ 1](t, 7)))
    equal(y, [first, second])


@program
def virtual_functions(run, rng):
    x = small(rng, np.float32, 60, 100)
    area, corners = run("areas", 1, 60, x, Out(np.float32, 60), Out(np.int32, 60))
    equal(area, np.select([np.arange(60) % 3 == 0, np.arange(60) % 3 == 1], [3 * x * x, 2 * x], 2 * (2 * x + 3 * x + 6)))
    equal(corners, np.array([0, 4, 8] * 20))


def c_divide(a, b):
    """Quotient and remainder as C has them, towards zero."""
    q = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    return q, a - q * b


@program
def switches(run, rng):
    n = 500
    x = rng.integers(-2000, 2000, n).astype(np.int32)
    (y,) = run("choose", 4, 128, x, Out(np.int32, n), n)
    low = lambda v: (v + 2**31) % 2**32 - 2**31

    def dense(v, k):
        match k:
            case 0: return v + 11
            case 1: v = low(v * 3) ^ 0x55
            case 2: v ^= 0x55
            case 3: return -v
            case 4: v -= 1000
            case 5 | 6: v = low(v << 2)
            case 7: return c_divide(v, 7)[0]
            case 8: v = c_divide(v, 13)[1]
            case 9: v = ~v
            case 10: v = low(v * v)
            case 11: return v & 0xF0F0
            case _: v = 1
        return low(v + k)

    def choose(i, v):
        for _ in range(6):
            v = dense(v, (v ^ i) & 15)
            match c_divide(v, 1000)[1]:
                case -7 | 12: v += 5
                case 100: v = -v
                case 500: break
                case 999: continue
            if v > 1000000:
                break
        return v
    equal(y, [choose(i, v) for i, v in enumerate(x.tolist())])


@program
def interpreter(run, rng):
    push, add, multiply, swap, duplicate, drop, jump_if_not, jump, argument, less, halt = range(11)
    square = [argument, duplicate, multiply, push, 100, add, halt]
    # While it is below 100, it becomes three times as much and 7.
    grow = [argument, "loop", duplicate, push, 100, less, jump_if_not, "end", push, 3, multiply, push, 7, add, jump, "loop", "end", halt]
    # Below 5: -10, else minus the square.
    choose = [argument, duplicate, push, 5, less, jump_if_not, "else", push, 246, swap, drop, halt, "else", duplicate, multiply, push, 255, multiply, halt]
    code, starts = [], []
    for part in (square, grow, choose):
        # A name stands for its place where it follows a jump, and is the place elsewhere.
        places, used = {}, 0
        for i, word in enumerate(part):
            if isinstance(word, str) and part[i - 1] not in (jump, jump_if_not):
                places[word] = len(code) + used
            else:
                used += 1
        starts.append(len(code))
        code += [places.get(word, word) for i, word in enumerate(part) if not isinstance(word, str) or part[i - 1] in (jump, jump_if_not)]
    threads = 66
    arguments = rng.integers(0, 9, threads).astype(np.int32)
    results, steps = run("interpret", 2, 33, np.array(code, np.uint8), np.array(starts, np.int32), arguments,
                         Out(np.int32, threads), Out(np.int32, threads))

    def interpret(pc, value):
        stack, taken = [], 0
        while True:
            op = code[pc]
            pc += 1
            match op:
                case 0:
                    stack.append(code[pc] - 256 * (code[pc] > 127))
                    pc += 1
                case 1 | 2 | 9:
                    b, a = stack.pop(), stack.pop()
                    stack.append(a + b if op == add else a * b if op == multiply else int(a < b))
                case 3:
                    stack[-1], stack[-2] = stack[-2], stack[-1]
                case 4:
                    stack.append(stack[-1])
                case 5:
                    stack.pop()
                case 6:
                    pc = pc + 1 if stack.pop() else code[pc]
                case 7:
                    pc = code[pc]
                case 8:
                    stack.append(value)
                case 10:
                    return stack[-1], taken
            taken += 1
    expected = [interpret(starts[t % 3], int(v)) for t, v in enumerate(arguments)]
    equal(results, [r for r, _ in expected])
    equal(steps, [s for _, s in expected])


@program
def queens(run, rng):
    for n, expected in ((4, 2), (6, 4), (7, 40)):
        (solutions,) = run("queens", 1, 64, n, Out(np.int32, 1))
        equal(solutions, [expected])


@program
def early_exit(run, rng):
    block, grid = (5, 7, 3), (2, 1, 3)
    n = 75
    x = rng.integers(-1000, 1000, (6, n)).astype(np.int32)
    (y,) = run("leave", grid, block, x, Out(np.int32, (6, 4)), n)
    t = np.arange(n)
    rounds = [(t % 7 == 0) | (t % 7 > r) for r in range(4)]
    equal(y, np.stack([x[:, live].sum(1) * (r + 1) for r, live in enumerate(rounds)], 1))


@program
def asserts(run, rng):
    x = integers(rng, np.uint32, 150)
    (y,) = run("roots", 3, 64, x, Out(np.uint32, 150), 150)
    equal(y, np.floor(np.sqrt(x.astype(np.float64))))


@program
def prints(run, rng):
    x = np.round(rng.standard_normal(45) * 1000, 3)
    (counts,) = run("report", 3, 15, x, Out(np.int32, 45))
    lines, arguments = [], [9, 5, 7]
    for i, v in enumerate(x.tolist()):
        if i % 3 == 0:
            h = i * 100
            lines.append(f"{i}|{i:5d}|{i:<5d}|{i:05d}|{i:+d}|{h}|{h:x}|{'0X%X' % h if h else 0}|{h:o}")
        elif i % 3 == 1:
            lines.append(f"{i}|one|{chr(97 + i % 26)}|%|tru|   right")
        else:
            lines.append(f"{i}|{v:f}|{v:.2e}|{v:g}|{np.float32(v):10.3f}|{i << 40}|{2**64 - i:x}")
    assert sorted(run.stdout.splitlines()) == sorted(lines)
    # The manual of CUDA C++: printf returns the number of arguments parsed.
    equal(counts, [arguments[i % 3] for i in range(45)])


@program
def variadic(run, rng):
    x = integers(rng, np.int16, 96).astype(np.int32)
    (y,) = run("totals", 1, 96, x, Out(np.int64, (96, 4)))
    wide = x.astype(np.int64) << 33
    equal(y[:, 0], np.zeros(96))
    equal(y[:, 1], x + 3 + np.arange(96))
    equal(y[:, 2], wide)
    equal(y[:, 3], np.where(x % 2 != 0, wide + x + 3, 3 * wide * x))
