#===- zoo_table.py - the kernels, shapes and configs of the conformance matrix ---------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads what test/conformance/matrix.toml says of kernels, shapes and configs, and draws the dims of cases.

zoo.py adds what makes a kernel's arguments and judges its results.
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

MATRIX = Path(__file__).resolve().parents[1] / "conformance" / "matrix.toml"

VALUES = ["random", "integers", "special", "extreme"]


@dataclass
class Entry:
    """A kernel of the zoo. dims: the largest extent of each dim; blocks: the names of its tile indices."""
    id: str
    file: str
    kernel: str
    types: list
    dims: dict
    blocks: list
    values: list = field(default_factory=lambda: ["random"])
    nonempty: list = field(default_factory=list)
    tags: list = field(default_factory=list)
    make: object = None


@dataclass
class Shape:
    """How the dims of a case are drawn. choices: the extents; empty: one dim is 0; long: one is as long as it may be."""
    name: str
    choices: list
    empty: bool = False
    long: bool = False


@dataclass
class Config:
    """Tile sizes for the indices of a kernel in turn, and the shapes that they are for (None: all)."""
    name: str
    tiles: list
    shapes: list = None

    def sizes(self, entry):
        """Tile sizes by name; an empty config leaves them to the target."""
        if not self.tiles:
            return {}
        return {name: self.tiles[at % len(self.tiles)] for at, name in enumerate(entry.blocks)}

    def suits(self, entry, shape):
        """Whether the config says something about a kernel, and is meant for a shape."""
        return (bool(entry.blocks) or not self.tiles) and (self.shapes is None or shape.name in self.shapes)


class TableError(Exception):
    """The table says something that makes no sense; the text names the row."""


def _row(kind, name, row, allowed, required=()):
    """Checks the keys of a row."""
    for key in row:
        if key not in allowed:
            raise TableError(f"{kind} '{name}': unknown key '{key}'; there is {', '.join(sorted(allowed))}")
    for key in required:
        if key not in row:
            raise TableError(f"{kind} '{name}': no '{key}'")


class Table:
    """The parts of a matrix that describe kernels: `entries`, `shapes` and `configs` by name, in order."""

    def __init__(self, path=MATRIX):
        with open(path, "rb") as file:
            self.data = tomllib.load(file)
        groups = self.data.get("types", {})
        self.shapes = {name: self._shape(name, row) for name, row in self.data.get("shape", {}).items()}
        self.configs = {name: self._config(name, row) for name, row in self.data.get("config", {}).items()}
        self.entries = {name: self._entry(name, row, groups) for name, row in self.data.get("kernel", {}).items()}
        for kind, rows in (("shape", self.shapes), ("config", self.configs), ("kernel", self.entries)):
            if not rows:
                raise TableError(f"{path} has no {kind}")

    def _shape(self, name, row):
        _row("shape", name, row, {"from", "empty", "long"}, ["from"])
        return Shape(name, row["from"], row.get("empty", False), row.get("long", False))

    def _config(self, name, row):
        _row("config", name, row, {"tiles", "shapes"}, ["tiles"])
        for shape in row.get("shapes", []):
            if shape not in self.shapes:
                raise TableError(f"config '{name}': unknown shape '{shape}'")
        return Config(name, row["tiles"], row.get("shapes"))

    def _entry(self, name, row, groups):
        allowed = {"file", "kernel", "types", "dims", "nonempty", "tiles", "values", "tags"}
        _row("kernel", name, row, allowed, ["file", "types", "dims", "tiles"])
        values = row.get("values", ["random"])
        for value in values:
            if value not in VALUES:
                raise TableError(f"kernel '{name}': unknown values '{value}'; there is {', '.join(VALUES)}")
        types = [element for word in row["types"] for element in groups.get(word, [word])]
        return Entry(name, row["file"], row.get("kernel", name), types, row["dims"], row["tiles"], values,
                     row.get("nonempty", []), row.get("tags", []))


def product(dims):
    """The number of elements of a box, as a float."""
    result = 1.0
    for extent in dims.values():
        result *= extent
    return result


def draw_dims(entry, shape, work, rng):
    """The dims of a case: drawn as the shape says, each at most its cap; then the largest ones are shrunk until the
    product of all is at most `work`. Draws the same number of times for every kernel of as many dims."""
    names = list(entry.dims)
    dims = {name: min(int(rng.choice(shape.choices)), entry.dims[name]) for name in names}
    if shape.long:
        cap = max(entry.dims.values())
        longest = [name for name in names if entry.dims[name] >= cap // 3]
        name = longest[int(rng.integers(len(longest)))]
        dims[name] = max(1, entry.dims[name] - int(rng.integers(0, 20)))
    while product(dims) > work:
        largest = max(names, key=lambda name: dims[name])
        smaller = [choice for choice in shape.choices if choice < dims[largest]] if not shape.long else []
        dims[largest] = max(smaller) if smaller else (dims[largest] + 1) // 2
    if shape.empty:
        empty = [name for name in names if name not in entry.nonempty]
        if empty:
            dims[empty[int(rng.integers(len(empty)))]] = 0
    return dims
