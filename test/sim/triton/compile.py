#===- compile.py - from Triton kernels to PTX -----------------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles the variants of this folder's kernels, or those named, into a folder. scripts/compile_triton_programs.sh calls
it with a Python that has Triton; a GPU is not needed.

The first line of each .ptx says what a launch needs and PTX does not: `// launch: warps=4 shared=1024 scratch=0`. Behind
the kernel's own parameters come two that Triton adds: pointers to scratch memory of the grid, and of a profiler.
"""

import argparse
import importlib
import os
import re
import tempfile
from pathlib import Path

# What this version does where nobody says otherwise, without the word about it.
os.environ.setdefault("TRITON_DEFAULT_FP_FUSION", "1")
os.environ["TRITON_CACHE_DIR"] = tempfile.mkdtemp()

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from variants import VARIANTS

FOLDER = Path(__file__).resolve().parent


def compile_variant(variant, arch):
    """A variant that calls the device library, and does not say so, does not compile."""
    names = list(variant.kernel.arg_names)
    signature = {name: variant.signature.get(name, "constexpr") for name in names}
    missing = [name for name in names if signature[name] == "constexpr" and name not in variant.constants]
    assert not missing, f"{variant.kernel}: no value for {missing}"
    aligned = [i for i, name in enumerate(names) if signature[name].startswith("*") or name in variant.aligned]
    source = ASTSource(variant.kernel, signature, variant.constants, attrs={(i,): [["tt.divisibility", 16]] for i in aligned})
    nothing = Path(os.environ["TRITON_CACHE_DIR"]) / "nothing.ll"
    nothing.write_text("")
    options = {"num_warps": variant.warps, "num_stages": variant.stages, **variant.options}
    if not variant.is_library:
        options["extern_libs"] = {"libdevice": str(nothing)}
    return triton.compile(source, target=GPUTarget("cuda", arch, 32), options=options)


def clean(text):
    """Without comments, which name the compiler's build, and without this machine's folders."""
    lines = [re.sub(r"[ \t]*//.*$", "", line).rstrip() for line in text.splitlines()]
    lines = [re.sub(r'(\.file[^"]*").*/([^"]*")', r"\1\2", line) for line in lines if line]
    # The debug information holds the path of the source, byte by byte.
    text = "\n".join(lines) + "\n"
    return re.sub(r"\t\.section\t\.debug_(?:abbrev|info)\n\t\{\n[^}]*\}\n", "", text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, default=FOLDER)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    for path in sorted(FOLDER.glob("*.py")):
        if path.stem not in ("compile", "variants"):
            importlib.import_module(path.stem)
    for name in arguments.names or [name for name, variant in VARIANTS.items() if not variant.is_library]:
        variant = VARIANTS[name]
        kept = None
        for arch in variant.archs:
            made = compile_variant(variant, arch)
            text = clean(made.asm["ptx"])
            facts = made.metadata
            head = f"// launch: warps={facts.num_warps} shared={facts.shared} scratch={facts.global_scratch_size}\n"
            path = arguments.to / f"{name}.sm_{arch}.ptx"
            text = head + text
            # As that of the architecture below, apart from its name.
            if text.replace(f"sm_{arch}", "", 1) == kept:
                continue
            kept = text.replace(f"sm_{arch}", "", 1)
            path.write_text(text)
            print(path)


if __name__ == "__main__":
    main()
