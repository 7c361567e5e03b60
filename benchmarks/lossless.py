"""Merge random leads with everything on them, work on, undo, compare the whole
database.

The same cases as in the test of that name: see tests/lossless.
"""

import argparse
import json
import time
import traceback

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
            differences += prove_batch(env, count, options.seed + done)
        done += count
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
    """Prove that many cases; print and return what was found in words.

    :param seed: of this batch: ``--cases COUNT --seed SEED`` repeats it by itself
    """
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
        except Exception as error:  # an error is one more difference
            if not isinstance(error, proof.Difference):
                traceback.print_exc()
            found.append(f"Seed {seed}: {error!r}\n{case}")
            print(found[-1], flush=True)

    run()
    custom.take_attributes_back(env)
    env.registry.reset_changes()
    return found
