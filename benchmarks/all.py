"""Run every benchmark at a moderate size, and print one table, stock beside addon."""

import argparse
import contextlib
import importlib
import io
import json
import sys

#: Benchmark → its arguments here; each takes more for a long run.
SIZES = {
    "merge": [],
    "convert": ["--leads", "1000"],
    "run": ["--leads", "2000", "--kill", "3"],
    "scan": ["--leads", "100000"],
    "accuracy": ["febrl3"],
    "lossless": ["--cases", "200"],
    "faults": ["--rounds", "1"],
}
#: (benchmark, what was measured, key of stock, key of the addon, key of the ratio)
ROWS = (
    ("merge", "5 leads, seconds", "stock_s", "addon_s", "ratio"),
    ("merge", "5 leads, queries", "stock_queries", "queries", None),
    ("merge", "30 leads, seconds", "stock_s_30", "addon_s_30", "ratio_30"),
    ("merge", "30 leads, queries", "stock_queries_30", "queries_30", None),
    ("merge", "undo of 30 leads, seconds", None, "undo_s_30", None),
    ("convert", "1,000 leads, seconds", "stock_s", "addon_s", "ratio"),
    ("convert", "queries a lead", None, "queries_per_lead", None),
    ("run", "2,000 leads, killed 3 times, seconds", None, "seconds", None),
    ("run", "converted twice or lost", None, ("twice", "lost"), None),
    ("scan", "100,000 leads, seconds", None, "scan_s", None),
    ("scan", "look-up of one lead, p95 in ms", None, "lookup_p95_ms", None),
    ("scan", "creating leads, times stock", None, "create_ratio", None),
    ("scan", "similar leads of a page, times stock", None, "counter_ratio", None),
    ("accuracy", "F1 on Febrl 3", None, "f1", None),
    ("accuracy", "precision of what is certain", None, "certain_precision", None),
    ("lossless", "random cases merged and undone", None, "cases", None),
    ("lossless", "differences found", None, "differences", None),
    ("faults", "lost in crashes, kills, races, …", None, "lost", None),
)


def main(argv, environment):
    """Print the table when all have run; the last line is JSON."""
    argparse.ArgumentParser(prog="dev/bench all", description=__doc__).parse_args(argv)
    found = {name: measure(name, environment) for name in SIZES}
    print(f"{'':<10}{'':<40}{'stock':>12}{'addon':>12}{'ratio':>8}")
    for name, what, *keys in ROWS:
        stock, addon, ratio = (show(found[name], key) for key in keys)
        print(f"{name:<10}{what:<40}{stock:>12}{addon:>12}{ratio:>8}")
    print(json.dumps({"bench": "all", **found}))


def measure(name, environment):
    """Run one benchmark, and return what its last line says."""
    told = Tee(sys.stdout)
    with contextlib.redirect_stdout(told):
        module = importlib.import_module(f"benchmarks.{name}")
        module.main(SIZES[name], environment)
    return json.loads(told.getvalue().strip().splitlines()[-1])


class Tee(io.StringIO):
    """Keeps what is printed, and prints it all the same."""

    def __init__(self, stream):
        super().__init__()
        self.stream = stream

    def write(self, text):
        self.stream.write(text)
        return super().write(text)

    def flush(self):
        self.stream.flush()


def show(found, key):
    if key is None:
        return ""
    if isinstance(key, tuple):
        return str(sum(found[one] for one in key))
    return f"{found[key]:,}"
