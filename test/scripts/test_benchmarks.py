# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The logic of benchmarks/: who is measured when, what a row says, that wrong results are found. No times."""

import pathlib
import subprocess
import sys

import numpy as np
import pytest

BENCHMARKS = pathlib.Path(__file__).resolve().parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import install_peers  # noqa: E402
import peers  # noqa: E402
import suites  # noqa: E402
from harness import report  # noqa: E402
from harness.case import CEILINGS, Case, random_array  # noqa: E402
from harness.process import WorkerProcess, environment  # noqa: E402
from harness.rounds import measure_case  # noqa: E402
from peers.probe_peer import Peer as Probe  # noqa: E402
from harness.search import FINALISTS, grid, search  # noqa: E402

PRODUCT = Case("gemm", "matmul", "f32", (4, 5, 6), 240.0, 296.0, "fma")


class FakeWorker:
    """Answers with given times, and notes when it is asked."""

    def __init__(self, name, log, times=(), skip=None, prepare=None, amount=None):
        self.name, self.log, self.times, self.skip = name, log, list(times), skip
        self.prepared = prepare or ({"amount": amount} if amount else {})

    def ask(self, do, **request):
        self.log.append((self.name, do))
        if do == "prepare":
            return self.prepared
        if do == "measure":
            return {"times": self.times.pop(0)} if self.times else {"skip": "its process ended"}
        return {}


class FakeProbe:
    """A probe's library, which notes how often it is to go through the memory."""

    def __init__(self, rounds):
        self.rounds = rounds

    def probe_memory(self, kind, threads, size, rounds):
        self.rounds.append(rounds)


def test_the_ceiling_of_cold_caches_is_that_of_the_first_time():
    case = next(case for case in suites.load("gemm").CASES if case.name == "gemm/gemv/i8/1x4096x4096")
    probe, rounds = Probe.__new__(Probe), []
    probe.library, probe.threads = FakeProbe(rounds), 2
    for cache in ("cold", "hot"):
        call, amount = probe.ceiling(case, cache)
        call()
        assert amount == rounds[-1] * case.bytes
    assert rounds[0] == 1 < rounds[1]


class FakeTiles:
    """A processor with AMX at 2 GHz, on which a core computes so many operations a cycle."""

    def __init__(self, operations):
        self.operations, self.now = operations, 0.0

    def probe_has_tiles(self, kind):
        return 1

    def probe_compute(self, kind, threads, rounds):
        per_core = 12.0 if kind == b"cycles" else 65536.0
        self.now += rounds * per_core / (2e9 * (1 if kind == b"cycles" else self.operations))
        return per_core * threads


@pytest.mark.parametrize("type_name, operations, counts", [("bf16", 1000, True), ("bf16", 900, False), ("i8", 2000, True),
                                                           ("i8", 1800, False)])
def test_a_probe_of_tiles_counts_within_a_tenth_of_what_they_can(type_name, operations, counts, monkeypatch):
    case = Case("gemm", "matmul", type_name, (4, 5, 6), 240.0, 1.0, "bf16" if type_name == "bf16" else "int8")
    probe = Probe.__new__(Probe)
    probe.library, probe.threads = FakeTiles(operations), 2
    monkeypatch.setattr("time.perf_counter", lambda: probe.library.now)
    if counts:
        call, amount = probe.ceiling(case, "hot")
        started = probe.library.now
        call()
        assert amount / (probe.library.now - started) == pytest.approx(2 * 2e9 * operations)
    else:
        with pytest.raises(peers.Unsupported, match="no ceiling: the probe of AMX reaches 88% of (1024|2048) operations"):
            probe.ceiling(case, "hot")


def test_a_probe_that_is_no_ceiling_is_named():
    results = {"tilec": {"rounds": [2.0]}, "x": {"rounds": [1.0]}, "probe": {"skip": "no ceiling: 88%"}}
    row = report.row_of(PRODUCT, results)
    assert row["ceiling"]["from"] == "x" and report.skipped([row]) == ["probe: no ceiling: 88% (1 cases, such as gemm/matmul/f32/4x5x6)"]
    bare = Case("compile", "compile_kernels", "softmax", (), 0.0, 0.0, None)
    assert not report.skipped([report.row_of(bare, results)])


@pytest.mark.parametrize("words, sentence", [
    (["--suite=nothing"], "unknown: 'nothing'"), (["--suite="], "unknown: ''"), (["--suite=gemm", "--peers=numpy,blas"], "unknown: 'blas'"),
    (["--suite=gemm", "--filter=f63"], "no case of gemm has a name that 'f63' is found in"),
    (["--suite=gemm", "--filter=("], "--filter (: missing )"), (["--suite=gemm", "--threads=4097"], "more threads would wait"),
    (["--suite=gemm", "--seconds=nan"], "--seconds is from 0 to 60"), (["--suite=gemm", "--json=/no/such/folder/x"], "cannot be written"),
    (["--suite=gemm", "--venv=/no/such/folder"], "run benchmarks/install_peers.py")])
def test_wrong_command_lines_are_said_before_anything_runs(words, sentence):
    done = subprocess.run([sys.executable, str(BENCHMARKS / "run.py"), f"--venv={sys.prefix}", *words], capture_output=True, text=True,
                          check=False, timeout=60)
    assert done.returncode == 2 and done.stderr.splitlines()[-1].startswith("run.py: error: ") and sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_rounds_rotate_and_keep_the_fastest_call():
    log = []
    workers = [FakeWorker(name, log, [[3, 2], [5, 4], [7, 9]]) for name in "abc"]
    results = measure_case(workers, PRODUCT, 3, 0, "hot")
    assert results["b"]["rounds"] == [2, 4, 7]
    assert [name for name, do in log if do == "measure"] == list("abcbcacab")
    assert [name for name, do in log if do == "release"] == list("abc")


def test_peers_that_fail_are_left_out_with_the_reason():
    log = []
    workers = [FakeWorker("tilec", log, [[1], [1]]), FakeWorker("missing", log, skip="not installed"),
               FakeWorker("unable", log, prepare={"skip": "no such type"}), FakeWorker("dies", log, [[2]])]
    row = report.row_of(PRODUCT, measure_case(workers, PRODUCT, 2, 0, "hot"))
    assert row["skipped"] == {"missing": "not installed", "unable": "no such type", "dies": "its process ended"}
    assert row["seconds"] == {"tilec": 1} and "ratio" not in row
    assert not any(name == "missing" for name, _ in log)
    assert any("unable: no such type (1 cases, such as gemm/matmul/f32/4x5x6)" == line for line in report.skipped([row]))


def test_ratio_is_that_of_the_best_peer_round_by_round():
    # The machine is three times slower in the last round, for everybody: the ratio does not show it.
    results = {"tilec": {"rounds": [2.0, 2.0, 6.0]}, "x": {"rounds": [1.0, 1.0, 3.0]}, "y": {"rounds": [4.0, 4.0, 12.0]},
               "probe": {"rounds": [1.0, 1.0, 1.0], "amount": 480.0}}
    row = report.row_of(PRODUCT, results)
    assert row["best peer"] == "x" and row["ratio"] == 0.5
    # tilec reaches 240 / 2; the probe 480, and x 240.
    assert row["ceiling"] == {"kind": "fma", "rate": 480.0, "from": "probe"} and row["share"] == 0.25
    results["probe"]["amount"] = 100.0
    row = report.row_of(PRODUCT, results)
    assert row["ceiling"]["from"] == "x" and row["ceiling"]["rate"] == 240.0 and row["share"] == 0.5


def test_memory_has_a_ceiling_for_each_round():
    # Bandwidth halves in the second round: tilec reaches three quarters of it in each, of the highest one half at most.
    read = Case("gemm", "gemv", "f32", (1, 5, 6), 240.0, 300.0, "read")
    results = {"tilec": {"rounds": [4.0, 8.0, 4.0]}, "probe": {"rounds": [3.0, 6.0, 3.0], "amount": 300.0}}
    row = report.row_of(read, results)
    assert row["share"] == 0.75 and row["ceiling"] == {"kind": "read", "rate": 100.0, "from": "probe"}
    # Of operations it is the probe's best round that counts: a disturbed probe makes nobody better.
    results["probe"]["rounds"] = [6.0, 1.0, 6.0]
    row = report.row_of(PRODUCT, results)
    assert row["share"] == 0.2 and row["ceiling"] == {"kind": "fma", "rate": 300.0, "from": "probe"}
    assert "share" not in report.row_of(read, {"probe": {"rounds": [1.0], "amount": 300.0}})


def test_summary_and_table():
    rows = [report.row_of(PRODUCT, {"tilec": {"rounds": [0.001]}, "x": {"rounds": [seconds]}}) for seconds in (0.004, 0.001)]
    total = report.summary(rows)
    assert total["geometric mean"] == pytest.approx(2) and total["smallest"] == pytest.approx(1) and total["cases"] == 2
    text = report.table(rows, ["x", "absent"])
    assert "| gemm/matmul/f32/4x5x6 | 1 | 4 | 4.00 (x) | 100% of fma |" in text and "absent" not in text
    assert report.summary([]) is None


def test_a_baseline_is_shown_and_is_no_competitor():
    results = {"tilec": {"rounds": [2.0]}, "baseline": {"rounds": [1.0]}, "x": {"rounds": [3.0]}}
    row = report.row_of(PRODUCT, results)
    assert row["best peer"] == "x" and row["seconds"]["baseline"] == 1.0


def test_every_case_has_a_ceiling_and_a_name_of_its_own():
    cases = [case for name in suites.NAMES for case in suites.load(name).CASES]
    assert len({case.name for case in cases}) == len(cases) > 0
    for case in cases:
        assert case.ceiling in CEILINGS and case.work > 0 if case.suite != "compile" else case.ceiling is None
        assert suites.find(case.suite, case.name) is case


@pytest.mark.parametrize("type_name", ["f32", "bf16", "i8"])
def test_wrong_products_are_found(type_name):
    case = Case("gemm", "matmul", type_name, (19, 23, 31), 0, 0, "fma")
    given, suite = suites.load("gemm").arrays(case), suites.load("gemm")
    right = given["A"].astype(np.float64) @ given["B"].astype(np.float64)
    assert suite.check(case, given, right.astype(np.int32 if type_name == "i8" else np.float32)) is None
    wrong = right.copy()
    wrong[18, 22] += 1 if type_name == "i8" else 1e-4 * np.abs(given["A"][18].astype(float)) @ np.abs(given["B"][:, 22].astype(float))
    assert "times the bound" in suite.check(case, given, wrong)
    wrong[0, 0] = np.nan
    assert "inf" in suite.check(case, given, wrong)
    assert "shape" in suite.check(case, given, right[:-1])


@pytest.mark.parametrize("op", ["softmax", "layernorm", "rmsnorm", "add_layernorm", "transpose", "cross_entropy"])
def test_row_operations_of_numpy_are_right_and_mistakes_are_found(op):
    from peers import numpy_peer
    suite, case = suites.load("memory"), Case("memory", op, "f32", (9, 300), 0, 1, "copy")
    given = suite.arrays(case)
    call, fetch = getattr(numpy_peer.Peer(1), op)(case, given)
    call()
    assert suite.check(case, given, fetch()) is None
    assert suite.check(case, given, fetch() * np.float32(1.01))


def attention_of(case, given):
    """In float32, as a kernel might."""
    q, k, v = (given[name].astype(np.float32) for name in "QKV")
    scores = q @ k.transpose(0, 2, 1) * np.float32(suites.load("attention").scale(case))
    if case.op == "causal_attention":
        scores = np.where(np.tri(*scores.shape[1:], dtype=bool), scores, np.float32(-np.inf))
    weights = np.exp(scores - scores.max(axis=2, keepdims=True))
    return (weights / weights.sum(axis=2, keepdims=True)) @ v


@pytest.mark.parametrize("op", ["attention", "causal_attention"])
@pytest.mark.parametrize("type_name", ["f32", "bf16"])
def test_wrong_attention_is_found(op, type_name):
    suite, case = suites.load("attention"), Case("attention", op, type_name, (3, 33, 33, 16), 0, 1, "fma")
    given = suite.arrays(case)
    right = attention_of(case, given)
    assert suite.check(case, given, right) is None
    assert suite.check(case, given, right.astype(given["Q"].dtype)) is None or type_name == "f32"
    other = Case("attention", "attention" if op != "attention" else "causal_attention", type_name, case.shape, 0, 1, "fma")
    assert "times the bound" in suite.check(case, given, attention_of(other, given))
    assert "times the bound" in suite.check(case, given, right * np.float32(1.1))
    assert "shape" in suite.check(case, given, right[:, :-1])


def test_wrong_convolutions_are_found():
    suite, case = suites.load("conv2d"), Case("conv2d", "conv2d", "f32", (2, 5, 6, 7, 3), 0, 1, "fma")
    given = suite.arrays(case)
    assert not given["X"][:, 0].any() and not given["X"][:, :, -1].any()
    windows = np.lib.stride_tricks.sliding_window_view(given["X"], (3, 3), axis=(1, 2))
    right = np.einsum("byxcrs,rscf->byxf", windows, given["W"])
    assert suite.check(case, given, right) is None
    turned = np.einsum("byxcrs,rscf->byxf", windows, given["W"][::-1])
    assert "times the bound" in suite.check(case, given, turned)
    assert "shape" in suite.check(case, given, right[:, :-1])


def test_wrong_chains_are_found():
    from math import erf
    suite, case = suites.load("fused"), Case("fused", "matmul_bias_gelu", "f32", (9, 7, 11), 0, 1, "fma")
    given = suite.arrays(case)
    total = given["A"] @ given["B"] + given["bias"]
    right = (total / 2 * (1 + np.vectorize(erf)(total / np.sqrt(np.float32(2))))).astype(np.float32)
    assert suite.check(case, given, right) is None
    by_tanh = total / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (total + 0.044715 * total**3)))
    assert "times the bound" in suite.check(case, given, by_tanh)
    case = Case("fused", "rope", "f32", (5, 2, 8), 0, 1, "copy")
    given = suite.arrays(case)
    pairs = given["X"][..., :4] + 1j * given["X"][..., 4:]
    turned = pairs * (given["Cos"] + 1j * given["Sin"])[:, None]
    assert suite.check(case, given, np.concatenate([turned.real, turned.imag], axis=2).astype(np.float32)) is None
    assert "times the bound" in suite.check(case, given, np.concatenate([turned.imag, turned.real], axis=2))


def test_every_kernel_of_the_examples_is_compiled():
    files = {path.stem for path in (BENCHMARKS.parent / "examples" / "kernels").glob("*.tile")}
    assert {case.type for case in suites.load("compile").CASES} == files


def test_a_worker_measures_numpy_and_a_missing_peer_says_so(tmp_path):
    venv = pathlib.Path(sys.prefix)
    with open(tmp_path / "log", "w", encoding="utf-8") as log:
        worker = WorkerProcess("numpy", venv, 1, [0], log)
        assert worker.skip is None and worker.version == np.__version__
        case = suites.load("gemm").CASES[0].name
        assert worker.ask(do="prepare", suite="gemm", case=case, cache="cold") == {}
        assert min(worker.ask(do="measure", seconds=0, cache="hot")["times"]) > 0
        assert min(worker.ask(do="measure", seconds=0, cache="cold")["times"]) > 0
        answer = worker.ask(do="prepare", suite="gemm", case=case.replace("f32", "i8"), cache="hot")
        assert "multiplies no such type" in answer["skip"]
        worker.close()
        assert worker.ask(do="release") == {"skip": "its process ended"}
        missing = WorkerProcess("no_such_peer", venv, 1, [0], log)
        assert "no_such_peer" in missing.skip
        missing.close()


def test_environment_leaves_kernels_to_the_machine():
    given = {"OPENBLAS_CORETYPE": "Prescott", "OPENBLAS_L2_SIZE": "1", "PATH": "x"}
    result = environment("numpy", pathlib.Path("/venv"), 2, given)
    assert "OPENBLAS_CORETYPE" not in result and "OPENBLAS_L2_SIZE" not in result
    assert result["PATH"] == "x" and result["OMP_NUM_THREADS"] == "2" and "/venv/lib" in result["LD_LIBRARY_PATH"]
    # tilec runs with its own libraries, not with those that peers brought.
    assert "LD_LIBRARY_PATH" not in environment("tilec", pathlib.Path("/venv"), 2, given)


def test_stubs_stand_for_what_only_cuda_defines():
    tables = ["                 U cudaMalloc@libcudart.so.13\n                 U memcpy@GLIBC_2.14\n",
              "0000000000001000 T cuda_of_torch\n                 U cuda_of_torch\n"]
    sections = [" 0x1 (NEEDED)  Shared library: [libcudart.so.13]\n 0x1 (NEEDED)  Shared library: [libc.so.6]\n"]
    symbols, needed = install_peers.cuda_needs(tables, sections)
    assert symbols == {"cudaMalloc"} and needed == {"libcudart.so.13"}
    assert install_peers.stub_source(symbols) == "int cudaMalloc(void) { return 100; }\n"


def test_every_peer_has_a_module():
    for name in (*peers.NAMES, *peers.ALWAYS):
        assert (BENCHMARKS / "peers" / f"{name}_peer.py").is_file()


def test_random_arrays_have_the_range_of_their_type():
    rng = np.random.default_rng(0)
    for type_name, low, high in (("f32", -1, 1), ("i8", -8, 8), ("u8", 0, 8)):
        values = random_array(rng, (1000,), type_name)
        assert values.ctypes.data % 4096 == 0
        assert low <= values.min() < values.max() <= high


def test_the_grid_has_the_default_first_and_every_combination_once():
    configs = grid({"i": 1, "k": 128}, factors=(0.5, 0.75, 1, 2), most=200)
    assert configs[0] == {"i": 1, "k": 128}
    # Half of one row is none; 256 is more than the most.
    assert sorted(tuple(config.values()) for config in configs) == [(i, k) for i in (1, 2, 4, 8, 16) for k in (64, 96, 128)]


def search_with(seconds, noise=lambda number, turn: 0.0):
    """Searches candidates that take these seconds, with some noise; returns what was found, and the looks at each."""
    looks = dict.fromkeys(range(len(seconds)), 0)

    def look(candidate, hopeless=0):
        looks[candidate] += 1
        return seconds[candidate] + noise(candidate, looks[candidate])
    return search(list(range(len(seconds))), look, look, rounds=5), looks


def test_the_search_finds_the_fastest_and_its_lead():
    found, looks = search_with([2.0] + [5.0] * 60 + [1.0] + [3.0] * 60)
    assert found["number"] == 61 and found["ratio"] == pytest.approx(2)
    assert found["default"] == 2 and found["best"] == 1 and len(found["finalists"]) == FINALISTS + 1
    # Everybody had a look, and few had many.
    assert min(looks.values()) == 1 and sum(count > 3 for count in looks.values()) == FINALISTS + 1


def test_a_default_that_is_the_fastest_has_no_lead():
    found, _ = search_with([1.0] + [2.0] * 40)
    assert found["number"] == 0 and found["ratio"] == 1


def test_one_lucky_look_wins_nothing():
    # The last one has a look of a thousandth, and is slower else: it is among the finalists, and not the winner.
    found, _ = search_with([2.0] + [2.5] * 40 + [4.0], lambda number, turn: -3.999 if number == 41 and turn == 1 else 0.0)
    assert 41 in found["finalists"] and found["number"] == 0
