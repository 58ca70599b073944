#!/usr/bin/env python3
"""Prints what `cargo bench -p rtmp-benches` measured as tables for README.md.

    benches/table.py [--only GROUP_PREFIX] [CRITERION_DIR]...

Several directories are several runs (CRITERION_HOME=DIR cargo bench ..).

A group is called "what/workload" or "what/workload/how": there is one table for each what and how, one column for each
workload. A cell holds the quickest sample of a candidate as its ratio to the floor of the group ("floor: ideal", or the
first floor there is), and its time: per element where a group counts elements, else per iteration. The quickest, because
on a machine that does other work too all noise is on one side.
"""
import argparse
import json
import pathlib


def measurements(roots, prefix):
    """{group: {candidate: nanoseconds per element}}"""
    groups = {}
    for path in sorted(path for root in roots for path in root.glob("**/new/benchmark.json")):
        about = json.loads(path.read_text())
        if not about["group_id"].startswith(prefix):
            continue
        sample = json.loads((path.parent / "sample.json").read_text())
        quickest = min(time / iters for time, iters in zip(sample["times"], sample["iters"]))
        throughput = about["throughput"] or {}
        both = throughput.get("ElementsAndBytes") or {}
        quickest /= both.get("elements") or throughput.get("Elements") or 1
        group = groups.setdefault(about["group_id"], {})
        group[about["function_id"]] = min(quickest, group.get(about["function_id"], quickest))
    return groups


def floor_of(group):
    floors = sorted(name for name in group if name.startswith("floor"))
    return next((name for name in floors if "ideal" in name), floors[0] if floors else None)


def show(nanoseconds):
    for unit, size in (("ms", 1e6), ("µs", 1e3)):
        if nanoseconds >= size:
            return f"{nanoseconds / size:.3g} {unit}"
    return f"{nanoseconds:.3g} ns"


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--only", default="", metavar="GROUP_PREFIX")
    parser.add_argument("roots", nargs="*", type=pathlib.Path, default=[pathlib.Path("target/criterion")])
    arguments = parser.parse_args()
    groups = measurements(arguments.roots, arguments.only)
    tables = {}
    for name in groups:
        what, workload, *how = name.split("/") if "/" in name else (name, "time")
        tables.setdefault(", ".join([what, *how]), {})[workload] = groups[name]
    for title, columns in tables.items():
        rows = list(dict.fromkeys(row for group in columns.values() for row in group))
        rows.sort(key=lambda row: (not row.startswith("floor"), not row.startswith("rtmp-chunk"), row))
        workloads = sorted(columns, key=lambda name: (len(name), name))
        print(f"#### {title}\n\n| | {' | '.join(workloads)} |\n|{'---|' * (len(workloads) + 1)}")
        for row in rows:
            cells = []
            for name in workloads:
                group = columns[name]
                floor = floor_of(group)
                if row not in group:
                    cells.append("left out")
                elif floor is None:
                    cells.append(show(group[row]))
                else:
                    cells.append(f"{group[row] / group[floor]:.2f} · {show(group[row])}")
            print(f"| {row} | {' | '.join(cells)} |")
        print()


if __name__ == "__main__":
    main()
