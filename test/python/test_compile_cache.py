#===- test_compile_cache.py - compiled kernels on disk ------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""--cache: the second run generates no code and computes the same; whatever may change the code is another entry; damaged
entries, folders that cannot be written and many processes at once do no harm."""

import os
import resource
import signal
import subprocess

import numpy as np
import pytest

from tilec_testing import call, tool

SOURCE = """import "scaling.tile"
kernel twice(X: f32[N]) -> Y: f32[N] {
  for i in tiles(N) {
    let x = X[i]
    assert(all(x > -100.0), "a number is too small")
    Y[i] = scaled(x)
  }
}
"""
SCALING = "fn scaled(x) { return x * 2.0 }\n"


class Folder:
    """A program with its arrays and a cache."""

    def __init__(self, path):
        self.path, self.cache = path, path / "cache"
        (path / "twice.tile").write_text(SOURCE)
        (path / "scaling.tile").write_text(SCALING)
        self.x = np.arange(37, dtype=np.float32)
        np.save(path / "x.npy", self.x)

    def words(self, *more, output="y.npy"):
        return [tool("tile-run"), self.path / "twice.tile", f"--in=X={self.path}/x.npy", f"--out=Y={self.path}/{output}", "--timing",
                *more]

    def run(self, *more, cache=True):
        """(whether code was generated, what was computed, what was printed)."""
        done = call(self.words(*([f"--cache={self.cache}"] if cache else []), *more))
        return "code generation" in done.stderr, np.load(self.path / "y.npy"), done.stderr

    def entries(self):
        return sorted(self.cache.glob("llvmcache-*"))


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


def test_second_run_generates_no_code(folder):
    for expected in (True, False, False):
        generated, y, _ = folder.run()
        assert generated == expected and (y == folder.x * 2).all()
    assert len(folder.entries()) == 1
    assert folder.run(cache=False)[0] and len(folder.entries()) == 1


def test_the_environment_names_a_folder(folder, monkeypatch):
    monkeypatch.setenv("TILEC_CACHE", str(folder.cache))
    assert folder.run(cache=False)[0] and not folder.run(cache=False)[0]


@pytest.mark.parametrize("option", ["--arch=x86-64-v3", "-O0", "--set=i=4", "--deterministic", "--no-excess-precision", "-g",
                                    "--dim=N=37"])
def test_options_are_part_of_the_key(folder, option):
    folder.run()
    generated, y, _ = folder.run(option)
    assert generated and (y == folder.x * 2).all() and len(folder.entries()) == 2
    assert not folder.run(option)[0] and not folder.run()[0]


def test_source_and_imports_are_part_of_the_key(folder):
    folder.run()
    (folder.path / "scaling.tile").write_text(SCALING.replace("2.0", "3.0"))
    generated, y, _ = folder.run()
    assert generated and (y == folder.x * 3).all()
    (folder.path / "twice.tile").write_text("\n" + SOURCE)
    # The same code, but what fails at run time names other lines.
    assert folder.run()[0]
    (folder.path / "twice.tile").write_text(SOURCE)
    (folder.path / "scaling.tile").write_text(SCALING)
    generated, y, _ = folder.run()
    assert not generated and (y == folder.x * 2).all()


def test_failures_are_those_of_a_compilation(folder):
    np.save(folder.path / "x.npy", np.full(5, -1000, np.float32))
    texts = []
    for _ in range(2):
        done = call(folder.words(f"--cache={folder.cache}"), check=False)
        assert done.returncode == 1
        texts.append([line for line in done.stderr.splitlines() if "too small" in line])
    assert texts[0] == texts[1] and "twice.tile:5" in texts[0][0]


@pytest.mark.parametrize("damage", ["empty", "shorter", "a bit", "other"])
def test_damaged_entries_are_made_anew(folder, damage):
    folder.run()
    entry, = folder.entries()
    data = bytearray(entry.read_bytes())
    whole = bytes(data)
    if damage == "a bit":
        data[len(data) // 2] ^= 1
    entry.write_bytes({"empty": b"", "shorter": bytes(data[:-1]), "a bit": bytes(data), "other": b"x" * 5000}[damage])
    generated, y, _ = folder.run()
    assert generated and (y == folder.x * 2).all()
    assert entry.read_bytes() == whole and not folder.run()[0]


def test_an_entry_in_the_place_of_another_is_made_anew(folder):
    """As when somebody copies files: it is whole, and it is code for something else."""
    folder.run()
    entry, = folder.entries()
    whole = entry.read_bytes()
    (folder.path / "scaling.tile").write_text(SCALING.replace("2.0", "3.0"))
    folder.run()
    other, = set(folder.entries()) - {entry}
    entry.write_bytes(other.read_bytes())
    (folder.path / "scaling.tile").write_text(SCALING)
    generated, y, _ = folder.run()
    assert generated and (y == folder.x * 2).all() and entry.read_bytes() == whole


def limit_files_to_1000_bytes():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))


def test_a_full_disk_leaves_no_part_of_a_file(folder):
    """A limit on the size of files stands for it: writing fails in the middle."""
    limited = {"preexec_fn": limit_files_to_1000_bytes, "capture_output": True, "text": True, "check": False}
    done = subprocess.run([str(word) for word in folder.words(f"--cache={folder.cache}")], **limited)
    assert done.returncode == 0 and "warning: the kernels are not cached: cannot write" in done.stderr
    assert not folder.entries() and (np.load(folder.path / "y.npy") == folder.x * 2).all()
    done = subprocess.run([str(tool("tile-cc")), str(folder.path / "twice.tile"), "-o", str(folder.path / "twice.o")], **limited)
    assert done.returncode == 1 and "cannot write" in done.stderr and "File too large" in done.stderr
    assert sorted(path.name for path in folder.path.iterdir()) == ["cache", "scaling.tile", "twice.tile", "x.npy", "y.npy"]


@pytest.mark.parametrize("to", ["a file", "nothing"])
def test_a_link_in_the_place_of_an_entry_is_left_alone(folder, to):
    """Nobody's file is written through it."""
    folder.run()
    entry, = folder.entries()
    entry.unlink()
    victim = folder.path / "victim"
    if to == "a file":
        victim.write_text("mine")
    entry.symlink_to(victim)
    generated, y, text = folder.run()
    assert generated and (y == folder.x * 2).all() and "warning: the kernels are not cached" in text and "is no file" in text
    assert entry.is_symlink() and (victim.read_text() == "mine" if to == "a file" else not victim.exists())


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("/dev/zero")], ids=["pipe", "folder", "device"])
def test_what_is_no_file_is_left_alone(folder, make):
    """Reading a pipe or a device would not end."""
    folder.run()
    entry, = folder.entries()
    entry.unlink()
    make(entry)
    generated, y, text = folder.run()
    assert generated and (y == folder.x * 2).all() and "warning: the kernels are not cached" in text and "is no file" in text
    assert folder.entries() == [entry] and not entry.is_file()


def test_a_folder_that_cannot_be_written_is_a_warning(folder):
    (folder.path / "file").write_text("")
    folder.cache = folder.path / "file" / "cache"
    generated, y, text = folder.run()
    assert generated and (y == folder.x * 2).all() and "warning: the kernels are not cached: cannot make the folder" in text


def test_many_processes_share_a_folder(folder):
    running = [subprocess.Popen([str(word) for word in folder.words(f"--cache={folder.cache}", output=f"y{number}.npy")],
                                stderr=subprocess.DEVNULL) for number in range(6)]
    assert [process.wait() for process in running] == [0] * 6
    for number in range(6):
        assert (np.load(folder.path / f"y{number}.npy") == folder.x * 2).all()
    assert len(folder.entries()) == 1 and not folder.run()[0]
    assert not [name for name in os.listdir(folder.cache) if not name.startswith("llvmcache")]
