"""Merge random leads with everything on them, work on, undo, compare the whole
database.

The same cases as in the test of that name: see tests/lossless.
"""

import argparse
import json
import time

MODULES = (
    "crm",
    "calendar",
    "crm_iap_enrich",
    "crm_livechat",
    "event_crm",
    "sale_crm",
    "snailmail",
    "survey_crm",
    "website_crm",
)
#: Cases in one transaction: each takes savepoints, which add up.
BATCH = 200


def main(argv, environment):
    """Print cases, differences and seconds; the last line is JSON."""
    parser = argparse.ArgumentParser(prog="dev/bench lossless")
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20260101)
    options = parser.parse_args(argv)
    database = environment.create_database("lossless", MODULES)
    started, done, differences = time.perf_counter(), 0, []
    while done < options.cases:
        count = min(BATCH, options.cases - done)
        with environment.open(database) as env:
            found = prove_batch(env, count, options.seed + done)
        done += count
        differences += found
        for difference in found[:3]:
            print(difference)
        minutes = (time.perf_counter() - started) / 60
        print(
            f"{done} cases from seed {options.seed}, {len(differences)} differences, "
            f"{minutes:.1f} minutes"
        )
    summary = {
        "bench": "lossless",
        "cases": done,
        "differences": len(differences),
        "seed": options.seed,
        "seconds": round(time.perf_counter() - started, 1),
    }
    print(json.dumps(summary))
    return 1 if differences else 0


def prove_batch(env, count, seed):
    """Prove that many cases, and return what was found in words."""
    # What Odoo imports, only Odoo's own path leads to.
    import hypothesis

    from odoo.tests import new_test_user

    from odoo.addons.crm_lead_qualification.tests.lossless import (
        cases,
        custom,
        proof,
        world,
    )

    user = new_test_user(env, "lossless", "sales_team.group_sale_salesman_all_leads")
    custom.add_custom_fields(env)
    trial = world.World(env, user)
    found = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=cases.cases(env))
    def run(case):
        try:
            proof.prove(trial, case)
        except proof.Difference as difference:
            found.append(f"{difference}\n{case}")

    run()
    custom.take_attributes_back(env)
    env.registry.reset_changes()
    return found
