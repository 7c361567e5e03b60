"""Run every benchmark, and print one table, stock beside addon."""

import argparse
import contextlib
import datetime
import importlib
import io
import json
import os
import platform
import sys
from pathlib import Path

#: Benchmark → its arguments, at a moderate size and at full size.
SIZES = {
    "merge": ([], []),
    "convert": (["--leads", "1000"], ["--leads", "1000"]),
    "run": (["--leads", "2000", "--kill", "3"], ["--leads", "20000", "--kill", "10"]),
    "scan": (["--leads", "100000"], ["--leads", "1000000"]),
    "accuracy": (["febrl3"], ["febrl3"]),
    "lossless": (["--cases", "200"], ["--cases", "1000"]),
    "faults": (["--rounds", "2"], ["--rounds", "3"]),
}
SECONDS = ("stock_s", "addon_s", "ratio")
#: (benchmark, what was measured, key of stock, key of the addon, key of the ratio)
ROWS = (
    ("merge", "5 leads, seconds", *SECONDS),
    ("merge", "5 leads, queries", "stock_queries", "queries", None),
    ("merge", "30 leads, seconds", "stock_s_30", "addon_s_30", "ratio_30"),
    ("merge", "30 leads, queries", "stock_queries_30", "queries_30", None),
    ("merge", "undo of 30 leads, seconds", None, "undo_s_30", None),
    ("convert", "{leads:,} leads until the answer, seconds", *SECONDS),
    (
        "convert",
        "the same before e-mails are sent",
        "stock_converted_s",
        "addon_converted_s",
        "converted_ratio",
    ),
    ("convert", "queries a lead", None, "queries_per_lead", None),
    ("run", "{leads:,} leads, killed {kills} times, seconds", None, "seconds", None),
    ("run", "converted twice or lost", None, ("twice", "lost"), None),
    ("scan", "{leads:,} leads, seconds", None, "scan_s", None),
    ("scan", "look-up of one lead, p95 in ms", None, "lookup_p95_ms", None),
    ("scan", "creating leads, times stock", None, "create_ratio", None),
    ("scan", "similar leads of a page, times stock", None, "counter_ratio", None),
    ("accuracy", "F1 on Febrl 3", None, "f1", None),
    ("accuracy", "precision of what is certain", None, "certain_precision", None),
    ("lossless", "random cases merged and undone", None, "cases", None),
    ("lossless", "differences found", None, "differences", None),
    ("faults", "lost in crashes, kills, races, …", None, "lost", None),
)
COLUMNS = ("", "", "stock", "addon", "ratio")
#: The fragment of the README that quotes the table.
FIGURES = Path(__file__).parents[1] / "readme" / "FIGURES.rst"


def main(argv, environment):
    """Print the table when all have run; the last line is JSON."""
    parser = argparse.ArgumentParser(prog="dev/bench all", description=__doc__)
    parser.add_argument("--full", action="store_true", help="as large as promised")
    parser.add_argument("--quote", action="store_true", help="write it for the README")
    options = parser.parse_args(argv)
    found = {
        name: measure(name, sizes[options.full], environment)
        for name, sizes in SIZES.items()
    }
    rows = [
        (name, what.format(**found[name]), *(show(found[name], key) for key in keys))
        for name, what, *keys in ROWS
    ]
    for name, what, stock, addon, ratio in (COLUMNS, *rows):
        print(f"{name:<10}{what:<44}{stock:>12}{addon:>12}{ratio:>8}")
    if options.quote:
        FIGURES.write_text(quote(rows, options.full))
    print(json.dumps({"bench": "all", **found}))


def quote(rows, full):
    """Return the table as reStructuredText, with when, where and how."""
    lines = [
        f"Measured by ``./dev/bench all{' --full' if full else ''}``, all in one run, "
        f"on {datetime.date.today():%Y-%m-%d}, on {machine()}. Stock has no figure for "
        "what it does not do.",
        "",
        ".. list-table::",
        "   :header-rows: 1",
        "",
    ]
    for row in (COLUMNS, *rows):
        lines += [
            f"   {'* ' if not place else '  '}-{' ' * bool(cell)}{cell}"
            for place, cell in enumerate(row)
        ]
    return "\n".join(lines) + "\n"


def machine():
    """Return what this machine is, in a few words."""
    processor = platform.machine()
    with contextlib.suppress(OSError):
        told = dict(
            line.split("\t: ", 1)
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "\t: " in line
        )
        processor = told.get("model name", processor)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({processor}), {memory:.0f} GB of memory, Python "
        f"{platform.python_version()}"
    )


def measure(name, arguments, environment):
    """Run one benchmark, and return what its last line says."""
    told = Tee(sys.stdout)
    module = importlib.import_module(f"benchmarks.{name}")
    try:
        with contextlib.redirect_stdout(told):
            module.main(arguments, environment)
    finally:
        environment.drop_all()  # the next one may call its databases the same
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
