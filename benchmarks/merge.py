"""Merge leads full of history: stock beside the addon, and undo.

Each lead has 50 messages with tracking values, 10 attachments, 10 activities (half
of them done), 5 meetings and 5 followers. Both databases get the same leads; what is
merged is rolled back, so that every size starts from the same state.
"""

import argparse
import json
import time

MESSAGES = 50
ATTACHMENTS = 10
ACTIVITIES = 10
MEETINGS = 5
FOLLOWERS = 5
#: Stock takes minutes for more than this.
STOCK_LIMIT = 30


def main(argv, environment):
    """Print seconds and queries for each size; the last line is JSON."""
    parser = argparse.ArgumentParser(prog="dev/bench merge")
    parser.add_argument("--sizes", type=int, nargs="+", default=[5, 30, 100])
    parser.add_argument("--runs", type=int, default=3, help="the best run counts")
    options = parser.parse_args(argv)
    print(
        f"{'leads':>6}{'':>3}{'seconds':>10}{'queries':>10}{'undo':>10}{'queries':>10}"
    )
    results = {}
    for name in ("stock", "addon"):
        database = environment.create_database(name, addon=name == "addon")
        for size in options.sizes:
            if name == "stock" and size > STOCK_LIMIT:
                continue
            runs = 1 if name == "stock" and size > 5 else options.runs
            with environment.open(database) as env:
                results[name, size] = result = measure(env, size, runs)
            undone = "".join(
                f"{one:>10.2f}" if isinstance(one, float) else f"{one:>10}"
                for one in result[2:]
            )
            print(f"{size:>6} {name:<6}{result[0]:>6.2f}{result[1]:>10}{undone}")
    print(json.dumps(_summary(results, options.sizes)))


def _summary(results, sizes):
    summary = {"bench": "merge"}
    for size in sizes:
        suffix = "" if size == 5 else f"_{size}"
        seconds, queries, undo_s, undo_queries = results["addon", size]
        if ("stock", size) in results:
            stock_s, stock_queries, *_rest = results["stock", size]
            summary[f"stock_s{suffix}"] = round(stock_s, 3)
            summary[f"stock_queries{suffix}"] = stock_queries
            summary[f"ratio{suffix}"] = round(stock_s / seconds, 1)
        summary[f"addon_s{suffix}"] = round(seconds, 3)
        summary[f"queries{suffix}"] = queries
        summary[f"undo_s{suffix}"] = round(undo_s, 3)
        summary[f"undo_queries{suffix}"] = undo_queries
    return summary


def measure(env, size, runs):
    """Merge that many leads; return (seconds, queries, seconds and queries of undo)."""
    # A first merge of few leads fills the caches, as in a server that has been running.
    warm = create_leads(env, 2)
    _merge(env, warm)
    leads = create_leads(env, size)
    best = None
    for _run in range(runs):
        savepoint = env.cr.savepoint(flush=True)
        env.invalidate_all()
        result = _timed(env, lambda: _merge(env, leads))
        result += _timed(env, lambda: _undo(env, leads)) if _is_addon(env) else (0.0, 0)
        savepoint.rollback()
        savepoint.close(rollback=True)
        env.transaction.clear()
        best = min(best or result, result)
    return best


def _timed(env, run):
    queries, started = env.cr.sql_log_count, time.perf_counter()
    run()
    env.flush_all()
    return time.perf_counter() - started, env.cr.sql_log_count - queries


def _is_addon(env):
    return "crm.lead.merge" in env.registry


def _merge(env, leads):
    """Merge as Odoo's dialog does, but for the number of leads."""
    leads._merge_opportunity(max_length=0)


def _undo(env, leads):
    merge = env["crm.lead.merge"].search([], limit=1)
    merge.action_undo(force=True)


def create_leads(env, count):
    """Create leads with everything that hangs on them."""
    tags = env["crm.tag"].create([{"name": f"Tag {time.time_ns()}"}])
    followers = env["res.partner"].create(
        [{"name": f"Follower {number}"} for number in range(FOLLOWERS * count)]
    )
    leads = env["crm.lead"].create(
        [
            {
                "name": f"Opportunity {number}",
                "type": "opportunity",
                "email_from": f"contact{number}@example.com",
                "phone": f"+3225550{number:03}",
                "city": f"City {number}",
                "expected_revenue": number,
                "tag_ids": [(6, 0, tags.ids)],
            }
            for number in range(count)
        ]
    )
    for number, lead in enumerate(leads):
        own = followers[number * FOLLOWERS : (number + 1) * FOLLOWERS]
        lead.message_subscribe(own.ids)
    _create_messages(env, leads)
    _create_records(env, leads, followers[:3])
    env.flush_all()
    env.invalidate_all()
    return leads


def _create_messages(env, leads):
    stage_field = env["ir.model.fields"]._get("crm.lead", "stage_id")
    messages = env["mail.message"].create(
        [
            {"model": "crm.lead", "res_id": lead.id, "body": f"Message {number}",
             "subject": f"Subject {number}", "message_type": "comment"}
            for lead in leads
            for number in range(MESSAGES)
        ]
    )  # fmt: skip
    env["mail.tracking.value"].create(
        [
            {"mail_message_id": message.id, "field_id": stage_field.id,
             "old_value_integer": 1, "new_value_integer": 2}
            for message in messages
        ]
    )  # fmt: skip


def _create_records(env, leads, partners):
    env["ir.attachment"].create(
        [
            {"name": f"File {number}.txt", "raw": b"Offer", "res_model": "crm.lead",
             "res_id": lead.id}
            for lead in leads
            for number in range(ATTACHMENTS)
        ]
    )  # fmt: skip
    model_id = env["ir.model"]._get_id("crm.lead")
    todo = env.ref("mail.mail_activity_data_todo")
    env["mail.activity"].with_context(mail_activity_quick_update=True).create(
        [
            {"res_model_id": model_id, "res_id": lead.id, "activity_type_id": todo.id,
             "summary": f"Activity {number}", "active": number % 2 == 0}
            for lead in leads
            for number in range(ACTIVITIES)
        ]
    )  # fmt: skip
    env["calendar.event"].with_context(
        no_mail_to_attendees=True, mail_create_nolog=True
    ).create(
        [
            {"name": f"Meeting {number}", "start": "2026-03-01 10:00:00",
             "stop": "2026-03-01 11:00:00", "opportunity_id": lead.id,
             "partner_ids": [(6, 0, partners.ids)]}
            for lead in leads
            for number in range(MEETINGS)
        ]
    )  # fmt: skip
