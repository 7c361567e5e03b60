"""Create leads one batch at a time: what the addon adds to each."""

import argparse
import time

BATCH = 500


def main(argv, environment):
    """Print seconds and queries of one batch, stock beside the addon."""
    parser = argparse.ArgumentParser(prog="dev/bench create_leads")
    parser.add_argument("--leads", type=int, default=BATCH, help="leads in the batch")
    leads = parser.parse_args(argv).leads
    print(f"{leads} leads created in one batch")
    print(f"{'':<8}{'seconds':>10}{'queries':>10}")
    for name in ("stock", "addon"):
        database = environment.create_database(name, addon=name == "addon")
        with environment.open(database) as env:
            seconds, queries = create(env, leads)
        print(f"{name:<8}{seconds:>10.2f}{queries:>10}")


def create(env, leads):
    """Create that many leads and return how long it took and its queries."""
    values = [
        {"name": f"Lead {number}", "email_from": f"lead{number}@example.com"}
        for number in range(leads)
    ]
    # A first one warms the caches up.
    env["crm.lead"].create({"name": "First"})
    env.flush_all()
    queries, started = env.cr.sql_log_count, time.perf_counter()
    env["crm.lead"].create(values)
    env.flush_all()
    return time.perf_counter() - started, env.cr.sql_log_count - queries
