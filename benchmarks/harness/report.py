# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""From measured rounds to rows, tables and JSON."""

import math
import statistics

#: Columns that are no competitors: what is measured, an older build of it, and the machine.
OWN = ("tilec", "baseline", "probe")


def median(values):
    return statistics.median(values)


def best_peer(results):
    """(name, seconds) of the fastest peer, or None without one."""
    times = {name: median(result["rounds"]) for name, result in results.items()
             if name not in OWN and result.get("rounds")}
    return min(times.items(), key=lambda item: item[1]) if times else None


def paired_ratio(results, peer):
    """The median over the rounds of the peer's time over tilec's in the same round: above 1 where tilec is faster."""
    return median([theirs / ours for theirs, ours in zip(results[peer]["rounds"], results["tilec"]["rounds"])])


def share_of_ceiling(case, results):
    """The ceiling, which is the probe's rate or that of whoever is faster, and tilec's share of it; {} where nobody was
    measured. Each round has a ceiling of its own, and the share is the median of the rounds' shares, as the ratio is: memory
    is shared with other machines, and its bandwidth halves and doubles within seconds. How many operations a core can do
    stays the same, and of them the probe's best round counts in all rounds."""
    rates = {name: [(result["amount"] if name == "probe" else case.work) / seconds for seconds in result["rounds"]]
             for name, result in results.items() if result.get("rounds")}
    if not rates:
        return {}
    if "probe" in rates and not case.is_bound_by_memory:
        rates["probe"] = [max(rates["probe"])] * len(rates["probe"])
    ceilings = [max(of_round) for of_round in zip(*rates.values())]
    highest = max(rates, key=lambda name: median(rates[name]))
    found = {"ceiling": {"kind": case.ceiling, "rate": median(ceilings), "from": highest}}
    if "tilec" in rates:
        found["share"] = median([ours / ceiling for ours, ceiling in zip(rates["tilec"], ceilings)])
    return found


def row_of(case, results):
    """What the table says of a case."""
    row = {"case": case.name, "seconds": {}, "skipped": {}, "rounds": {}}
    for name, result in results.items():
        if result.get("rounds"):
            row["rounds"][name] = result["rounds"]
            if name != "probe":
                row["seconds"][name] = median(result["rounds"])
        elif name != "probe" or case.ceiling:
            row["skipped"][name] = result.get("skip", "no round was measured")
    best = best_peer(results)
    if best and "tilec" in row["seconds"]:
        row["best peer"] = best[0]
        row["ratio"] = paired_ratio(results, best[0])
    if case.ceiling:
        row |= share_of_ceiling(case, results)
    return row


def summary(rows):
    """The geometric mean and the smallest of the ratios, or None without any."""
    ratios = [(row["ratio"], row["case"]) for row in rows if "ratio" in row]
    if not ratios:
        return None
    mean = math.exp(sum(math.log(ratio) for ratio, _ in ratios) / len(ratios))
    return {"geometric mean": mean, "smallest": min(ratios)[0], "case": min(ratios)[1], "cases": len(ratios)}


def number(seconds):
    """Milliseconds with three digits."""
    return f"{seconds * 1e3:.3g}" if seconds < 1 else f"{seconds * 1e3:.0f}"


def table(rows, names):
    """A table in Markdown: milliseconds of tilec and each peer, the best peer's time over tilec's, and tilec's share of the
    ceiling."""
    peers = [name for name in names if any(name in row["seconds"] for row in rows)]
    lines = ["| case, ms | tilec | " + "".join(f"{name} | " for name in peers) + "best peer / tilec | of the ceiling |",
             "|---" * (len(peers) + 4) + "|"]
    for row in rows:
        cells = [number(row["seconds"][name]) if name in row["seconds"] else "-" for name in ["tilec", *peers]]
        ratio = f"{row['ratio']:.2f} ({row['best peer']})" if "ratio" in row else "-"
        share = f"{row['share']:.0%} of {row['ceiling']['kind']}" if "share" in row else "-"
        lines.append("| " + " | ".join([row["case"], *cells, ratio, share]) + " |")
    total = summary(rows)
    if total:
        lines.append("")
        lines.append(f"geometric mean {total['geometric mean']:.2f} of {total['cases']} cases, smallest "
                     f"{total['smallest']:.2f} ({total['case']})")
    return "\n".join(lines)


def skipped(rows):
    """A line for each peer and reason that left cases out."""
    reasons = {}
    for row in rows:
        for name, why in row["skipped"].items():
            reasons.setdefault((name, why), []).append(row["case"])
    return [f"{name}: {why.splitlines()[0]} ({len(cases)} cases, such as {cases[0]})" for (name, why), cases in reasons.items()]


def document(rows, machine, versions, options):
    """Everything, for JSON."""
    return {"machine": machine, "versions": versions, "options": options, "rows": rows, "summary": summary(rows)}


