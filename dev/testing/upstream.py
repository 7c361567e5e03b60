"""Odoo's own tests of leads, with this addon installed.

A test that ends otherwise than on stock has to be listed with the promise that
makes it differ; a listed test that no longer differs has to be taken off the list.
"""

import json
from collections import Counter
from pathlib import Path

from environment import addon, console

from . import differences, modules, runner

SURVIVOR = "crm_lead_qualification.survivor"
DEFAULT = "default"
CONFIDENCE = "confidence"


def run(installation, options, arguments):
    """Run Odoo's tests in each variant; return 0 if they end as listed."""
    variants = [differences.STOCK] if options.stock else [DEFAULT, CONFIDENCE]
    listed = differences.read(addon.ROOT / differences.PATH)
    summaries = []
    for variant in variants:
        left_out = differences.telling_nothing(listed, variant)
        told = [*arguments, *(f"--deselect={test}" for test in left_out)]
        outcomes = _run_variant(installation, variant, told)
        whole = not arguments
        problems = differences.compare(outcomes, listed, variant, whole)
        for problem in problems:
            console.say(f"✗ {problem}")
        counts = Counter(outcome for outcome, _text in outcomes.values())
        summaries.append((variant, counts, len(problems)))
    for variant, counts, problems in summaries:
        told = ", ".join(f"{number} {outcome}" for outcome, number in counts.items())
        print(f"Odoo's tests, {variant}: {told or 'none'}; {problems} unexpected")
    return int(any(problems or not counts for _variant, counts, problems in summaries))


def _run_variant(installation, variant, arguments):
    """Return the outcome of each of Odoo's tests, by its name."""
    stock = variant == differences.STOCK
    names = modules.available(modules.NEIGHBOURS, installation.source)
    with installation.throwaway(variant) as database:
        installation.create(database, names, stock=stock)
        if variant == CONFIDENCE:
            installation.databases.execute(
                "INSERT INTO ir_config_parameter (key, value) VALUES (%s, %s)",
                [SURVIVOR, CONFIDENCE],
                database=database,
            )
        return _outcomes(installation, database, arguments, stock)


def _outcomes(installation, database, arguments, stock):
    source = installation.source
    root = next(Path(path) for path in source.addons if Path(path, "crm").is_dir())
    tested = [root / name for name in modules.available(modules.UPSTREAM, source)]
    record = installation.scratch / f"{database}.json"
    told = [*tested, "-q", "--tb=short", "--no-summary", f"--record={record}"]
    runner.run_pytest(installation, database, [*told, *arguments], root, stock=stock)
    return json.loads(record.read_text()) if record.exists() else {}
