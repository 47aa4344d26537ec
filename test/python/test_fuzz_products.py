#===- test_fuzz_products.py - random programs with products --------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products of odd shapes, whose operands are transposed, strided, gathered, masked, shifted, converted or computed, compiled for
every instruction set. Elements are such small integers that all sums are exact: NumPy says what they are, bit for bit,
whatever their order. test_fuzz_programs.py has whole programs, and hardly a product."""

import numpy as np
import pytest

import amx
from numerics import FULL
from test_dot_groups import WITH_AMX
from tilec_testing import NUMPY, assert_equal, run

COUNT = 300 if FULL else 12

TYPES = [("f32", "f32", "f32"), ("f64", "f64", "f64"), ("bf16", "bf16", "f32"), ("bf16", "bf16", "f32"), ("f16", "f16", "f32"),
         ("f8e4m3", "f8e4m3", "f32"), ("i8", "i8", "i32"), ("u8", "i8", "i32"), ("i8", "u8", "i32"), ("u8", "u8", "i32")]
EXTENTS = [1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 23, 31, 32, 33, 40, 47, 48, 63, 64, 65, 66, 96, 100, 127, 129, 257]
SIZES = [1, 2, 3, 4, 5, 8, 12, 16, 17, 24, 31, 32, 33, 48, 64, 65, 100]
FORMS = ["plain", "transposed", "strided", "gathered", "masked", "shifted", "converted", "doubled"]


class Product:
    """A random program: its source, its arguments and what it computes."""

    def __init__(self, rng):
        self.rng = rng
        left, right, self.result = TYPES[rng.integers(len(TYPES))]
        self.extents = dict(zip("MNK", (int(x) for x in rng.choice(EXTENTS, 3))))
        self.parameters, self.arrays = [], {}
        whole = rng.random() < 0.15
        k = ":" if whole else "k"
        x, a = self.operand("A", left, "MK", ("i", k))
        y, b = self.operand("B", right, "KN", (k, "j"))
        twice = not whole and rng.random() < 0.3
        total = (a @ b) * (2 if twice else 1)
        if rng.random() < 0.5:
            start, sums = "S[i, j]", rng.integers(-9, 10, (self.extents["M"], self.extents["N"]))
            self.parameter("S", self.result, "M, N", sums)
            total = total + sums
        else:
            start = f"zeros({self.result}, i, j)"
        update = f"acc += {x} @ {y}" if rng.random() < 0.5 else f"acc = dot({x}, {y}, acc)"
        if not whole:
            update = f"for k in tiles(K) {{ {update} }}"
        if twice:
            update = f"for q in range(2) {{ {update} }}"
        shape, place, value = "M, N", "i, j", "acc"
        if rng.random() < 0.25:
            value, total = "acc + acc", 2 * total
        elif rng.random() < 0.25:
            shape, place, value, total = "N, M", "j, i", "acc.T", total.T
        self.expected = total.astype(NUMPY[self.result])
        self.dims = {"K": self.extents["K"]} if whole else {}
        names = ["i", "j"] + ([] if whole else ["k"])
        self.config = {name: int(rng.choice(SIZES)) for name in names} if rng.random() < 0.6 else {}
        self.source = f"""kernel product({", ".join(self.parameters)}) -> C: {self.result}[{shape}] {{
  for i, j in tiles(M, N) {{
    var acc = {start}
    {update}
    C[{place}] = {value}
  }}
}}
"""

    def parameter(self, name, element, shape, values, prefix=""):
        self.parameters.append(f"{prefix}{name}: {element}[{shape}]")
        values = values.astype(NUMPY[element])
        self.arrays[name] = np.asfortranarray(values) if prefix else values

    def operand(self, name, element, dims, indices):
        """The text of an operand and its matrix."""
        form = FORMS[self.rng.integers(len(FORMS))]
        if form == "shifted" and indices[0] == ":" or form == "gathered" and indices[0] == ":":
            form = "plain"
        shape = tuple(self.extents[dim] for dim in dims)
        low, high = (0, 4) if element == "u8" else (-3, 4)
        values = self.rng.integers(low, high, shape)
        rows, columns = dims
        text = f"{name}[{indices[0]}, {indices[1]}]"
        if form == "transposed":
            self.parameter(name, element, f"{columns}, {rows}", values.T)
            return f"{name}[{indices[1]}, {indices[0]}].T", values
        if form == "converted" and element in ("f32", "bf16", "f16"):
            self.parameter(name, "i8", f"{rows}, {columns}", values)
            return f"({text} as {element})", values
        self.parameter(name, element, f"{rows}, {columns}", values, "strided " if form == "strided" else "")
        if form == "gathered":
            chosen = self.rng.integers(0, shape[0], shape[0])
            self.parameter(f"I{name}", "i32", rows, chosen)
            return f"{name}[I{name}[{indices[0]}], {indices[1]}]", values[chosen]
        if form == "masked":
            mask = self.rng.integers(0, 2, shape[1])
            self.parameter(f"K{name}", "bool", columns, mask)
            return f"load({text}, mask=K{name}[{indices[1]}][None, :])", values * mask
        if form == "shifted":
            return f"{name}[{indices[0]} + 1, {indices[1]}]", np.concatenate([values[1:], 0 * values[:1]])
        if form == "doubled":
            return f"({text} + {text})", 2 * values
        return text, values


@pytest.mark.parametrize("number", range(COUNT))
def test_products(number, rng, tmp_path):
    product = Product(rng)
    source = tmp_path / "product.tile"
    source.write_text(product.source)
    for arch in WITH_AMX:
        if arch == amx.ARCH and "f16" in product.source.replace("bf16", "") and not amx.is_native():
            continue  # The emulator does not have f16's instructions.
        options = [f"--arch={arch}", f"--threads={1 + number % 2}"]
        given = run(source, "product", "cpu", ins=product.arrays, outs={"C": product.result}, dims=product.dims,
                    config=product.config, options=options, environment=amx.environment_for(arch), directory=tmp_path)
        assert_equal(f"{arch} {product.config}\n{product.source}", given.arrays["C"], product.expected)
