"""Convert leads in bulk: stock beside this addon, on the same data, in one run.

What is measured is what a sales manager waits for: the dialog is created, its button
pressed, the transaction committed. Odoo delivers e-mails about what was assigned at
the end of the commit, before it answers; a mail server beside it takes them at once.
The queries are those of the transaction: e-mails are delivered in others.

A machine's speed drifts from minute to minute. Stock takes minutes, the addon seconds:
so the addon converts before, between and after stock, and its median counts.
"""

import argparse
import json
import resource
import time

SALESPEOPLE = 3
#: (who, whether duplicates are merged before) in turn. The addon first: the peak of the
#: process is then its own.
TURNS = (
    ("addon", True),
    ("addon", False),
    ("stock", True),
    ("addon", True),
    ("stock", False),
    ("addon", True),
)


def main(argv, environment):
    """Print seconds, queries, e-mails and differences; the last line is JSON."""
    parser = argparse.ArgumentParser(prog="dev/bench convert")
    parser.add_argument("--leads", type=int, default=1000, help="leads to convert")
    leads = parser.parse_args(argv).leads
    print(f"{leads} leads: a third with a customer, a tenth double")
    print(
        f"{'':<8}{'deduplicate':>12}{'converted':>12}{'answered':>12}{'queries':>10}"
        f"{'a lead':>8}{'e-mails':>9}"
    )
    runs = {}
    peak_mb = 0
    for name, deduplicate in TURNS:
        found = measure(environment, name, leads, deduplicate)
        runs.setdefault((name, deduplicate), []).append(found)
        print(
            f"{name:<8}{'yes' if deduplicate else 'no':>12}"
            f"{found['converted']:>10.2f} s{found['answered']:>10.2f} s"
            f"{found['queries']:>10}{found['queries'] / leads:>8.1f}"
            f"{found['emails']:>9}",
            flush=True,
        )
        peak_mb = peak_mb or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    results = {key: get_median(found) for key, found in runs.items()}
    for deduplicate in (True, False):
        compare(
            results["stock", deduplicate], results["addon", deduplicate], deduplicate
        )
    stock, addon = results["stock", True], results["addon", True]
    print(
        json.dumps(
            {
                "bench": "convert",
                "leads": leads,
                "stock_s": round(stock["answered"], 2),
                "addon_s": round(addon["answered"], 2),
                "addon_runs_s": [
                    round(one["answered"], 2) for one in runs["addon", True]
                ],
                "ratio": round(stock["answered"] / addon["answered"], 1),
                "stock_converted_s": round(stock["converted"], 2),
                "addon_converted_s": round(addon["converted"], 2),
                "converted_ratio": round(stock["converted"] / addon["converted"], 1),
                "queries_per_lead": round(addon["queries"] / leads, 2),
                "peak_mb": round(peak_mb),
            }
        )
    )


def get_median(runs):
    """Return the run in the middle of several, by the seconds until the answer."""
    return sorted(runs, key=lambda run: run["answered"])[len(runs) // 2]


def measure(environment, name, leads, deduplicate):
    """Convert new leads in a new database, stock's or the addon's."""
    database = environment.create_database(name, addon=name == "addon")
    try:
        with environment.mail_server(), environment.open(database) as env:
            return convert(env, leads, deduplicate)
    finally:
        environment.drop(database)


def convert(env, count, deduplicate):
    """Convert `count` new leads as a sales manager does.

    :return: seconds until all is converted, and until the manager has the answer;
        queries, e-mails, and what became of each lead
    """
    manager, salespeople = create_users(env)
    leads = create_leads(env, count, salespeople)
    env.cr.commit()
    # As in any database that has been in use for a minute.
    env.cr.execute("ANALYZE")
    env.cr.commit()
    env.invalidate_all()
    env = env(user=manager)
    Dialog = env["crm.lead2opportunity.partner.mass"].with_context(
        active_model="crm.lead", active_ids=leads.ids
    )
    emails, queries = count_sent(env), env.cr.sql_log_count
    started = time.perf_counter()
    dialog = Dialog.create(
        {
            "deduplicate": deduplicate,
            "user_ids": [(6, 0, salespeople.ids)],
            "force_assignment": True,
        }
    )
    dialog.action_mass_convert()
    env.flush_all()
    converted = time.perf_counter() - started
    env.cr.commit()
    answered = time.perf_counter() - started
    queries = env.cr.sql_log_count - queries
    return {
        "converted": converted,
        "answered": answered,
        "queries": queries,
        "emails": count_sent(env) - emails,
        "leads": describe(env, leads),
    }


def count_sent(env):
    """Return how many e-mails are noted as taken by the mail server."""
    env.cr.rollback()  # they are sent, and noted, in transactions of their own
    return (
        env["mail.notification"]
        .sudo()
        .search_count(
            [("notification_type", "=", "email"), ("notification_status", "=", "sent")]
        )
    )


def create_users(env):
    """Return a sales manager, and salespeople who share a channel."""
    manager, *salespeople = env["res.users"].create(
        [
            {
                "name": login,
                "login": login,
                "email": f"{login}@bench.example.com",
                "group_ids": [(6, 0, env.ref(f"sales_team.{group}").ids)],
            }
            for login, group in (
                ("manager", "group_sale_manager"),
                *(
                    (f"seller{number}", "group_sale_salesman")
                    for number in range(SALESPEOPLE)
                ),
            )
        ]
    )
    salespeople = env["res.users"].union(*salespeople)
    env["crm.team"].create({"name": "Bench", "member_ids": [(6, 0, salespeople.ids)]})
    return manager, salespeople


def create_leads(env, count, salespeople):
    """Create leads of these salespeople. Every third has a customer, half of them
    linked, half with its e-mail address; every tenth is of a pair: the same person of
    the same address twice."""
    customers = env["res.partner"].create(
        [
            {"name": f"Customer {number}", "email": f"customer{number}@c.example.com"}
            for number in range(0, count, 3)
        ]
    )
    values = []
    for number in range(count):
        one = {
            "name": f"Lead {number}",
            "type": "lead",
            "user_id": salespeople[number % len(salespeople)].id,
            "contact_name": f"Contact {number}",
            "email_from": f"lead{number}@example.com",
            "phone": f"+3247000{number:04}",
        }
        if number % 3 == 0:
            customer = customers[number // 3]
            one["email_from"] = customer.email
            if number % 2:
                one["partner_id"] = customer.id
        elif number % 3 == 1:
            one["partner_name"] = f"Company {number}"
        if number % 20 == 19:
            other = values[number - 9]
            one.update(
                contact_name=other["contact_name"], email_from=other["email_from"]
            )
        values.append(one)
    return env["crm.lead"].create(values)


def describe(env, leads):
    """Return {name of the lead: what became of it}."""
    described = {}
    left = leads.exists()
    for lead in leads:
        name = f"Lead {lead.id - leads[0].id}"
        if lead not in left:
            described[name] = {"merged": True}
            continue
        partner = lead.sudo().partner_id
        described[name] = {
            "merged": False,
            "type": lead.type,
            "customer": (partner.name, partner.email, partner.parent_id.name),
            "salesperson": lead.user_id.login,
            "team": lead.team_id.name,
            "e-mail": lead.email_from,
            "phone": lead.phone,
        }
    return described


CAUSES = {
    "merged": "P9: the lead created first survives",
    "type": "?",
    "customer": "P9: the customer is made of what the first lead says",
    "salesperson": "P9: turns are taken in the order of the results",
    "team": "?",
    "e-mail": "P10: what the lead says is not replaced by what its customer says",
    "phone": "P10: what the lead says is not replaced by what its customer says",
}


def compare(stock, addon, deduplicate):
    """Print what differs from stock, how often, one example, and why."""
    title = "with" if deduplicate else "without"
    differences = {}
    for name, said in stock["leads"].items():
        found = addon["leads"][name]
        for key, value in said.items():
            if key in found and found[key] != value:
                differences.setdefault(key, []).append((name, value, found[key]))
    total = len(stock["leads"])
    print(f"{title} deduplication: {total} leads compared with stock")
    for side in (stock, addon):
        left = [one for one in side["leads"].values() if not one["merged"]]
        customers = {one["customer"] for one in left}
        side["counts"] = (len(left), len(customers))
    print(f"  opportunities and customers: {stock['counts']}, {addon['counts']}")
    for key, found in differences.items():
        name, value, other = found[0]
        print(f"  {key}: {len(found)} differ; {name}: {value} became {other}")
        print(f"    cause: {CAUSES[key]}")
    if not differences:
        print("  no difference")
