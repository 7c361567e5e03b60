"""Install, uninstall and install again in a database that is full."""

import argparse
import json
import subprocess
import threading
import time

from environment.console import Failure

#: Rows of these must be the same before and after, whatever is installed.
KEPT = ("crm_lead", "mail_message", "res_partner")
#: How often it is looked whether somebody could write to a lead meanwhile, in seconds.
PROBE = 0.2
HISTORY = 500


def main(argv, environment):
    """Print seconds, the longest wait of a writer, and what was lost."""
    parser = argparse.ArgumentParser(prog="dev/bench install", description=__doc__)
    parser.add_argument("--leads", type=int, default=100_000)
    leads = parser.parse_args(argv).leads
    database = environment.create_database("install", addon=False)
    with environment.open(database) as env:
        prepare(env, leads)
        before = count(env)
    found = {"bench": "install", "leads": leads}
    for step in ("install", "uninstall", "reinstall"):
        seconds, waited = measure(environment, database, step)
        with environment.open(database) as env:
            lost = [name for name in KEPT if count(env)[name] < before[name]]
            check(env, step)
        found |= {f"{step}_s": seconds, f"{step}_waited_s": waited}
        found.setdefault("lost", []).extend(lost)
        print(
            f"{step:<10}{seconds:>8.1f} s, a writer waited {waited:.1f} s", flush=True
        )
    print(json.dumps(found))
    return int(bool(found["lost"]))


def prepare(env, leads):
    """Fill the database past the ORM; merge and convert some as stock does."""
    from benchmarks.scan import fill

    fill(env, leads, 1)
    found = env["crm.lead"].search([], limit=3 * HISTORY)
    for start in range(0, HISTORY, 2):
        found[start : start + 2].merge_opportunity()
    found[HISTORY:].exists().convert_opportunity(env["res.partner"])
    env.flush_all()
    env.cr.commit()


def count(env):
    return {
        name: env.cr.execute(f"SELECT count(*) FROM {name}") or env.cr.fetchone()[0]
        for name in KEPT
    }


def measure(environment, database, step):
    """Carry out one step in a process of its own, with somebody writing all the time.

    :return: (seconds, longest wait of the writer in seconds)
    """
    environment._close(database)
    installation = environment.installation
    command = installation.command("--database", database, "--log-level=error")
    script = None
    if step == "uninstall":
        command.insert(3, "shell")
        script = (
            "env['ir.module.module']._get('crm_lead_qualification')"
            ".button_immediate_uninstall(); env.cr.commit()\n"
        )
    else:
        command += ["--init", "crm_lead_qualification", "--stop-after-init"]
    writer = Writer(installation.databases, database)
    started = time.perf_counter()
    writer.start()
    done = subprocess.run(
        command,
        input=script,
        env=installation.environment(),
        capture_output=True,
        text=True,
    )
    seconds = time.perf_counter() - started
    writer.stop()
    if done.returncode:
        raise Failure(f"{step} failed:\n{done.stderr[-2000:]}")
    return round(seconds, 1), round(writer.longest, 1)


class Writer(threading.Thread):
    """Somebody who goes on writing to a lead, and notes how long it takes."""

    def __init__(self, databases, database):
        super().__init__(daemon=True)
        self.databases = databases
        self.database = database
        self.longest = 0.0
        self.stopped = threading.Event()

    def run(self):
        newest = "(SELECT max(id) FROM crm_lead)"
        query = f"UPDATE crm_lead SET color = color WHERE id = {newest}"
        while not self.stopped.wait(PROBE):
            started = time.perf_counter()
            self.databases.execute(query, database=self.database)
            self.longest = max(self.longest, time.perf_counter() - started)

    def stop(self):
        self.stopped.set()
        self.join()


def check(env, step):
    """See that leads work: with the addon, and without it."""
    leads = env["crm.lead"].create([{"name": "One"}, {"name": "Other"}])
    result = leads.merge_opportunity()
    if len(result) != 1 or len(leads.exists()) != 1:
        raise Failure(f"After {step}, leads cannot be merged.")
    if step != "uninstall":
        env["crm.lead.merge"].search([], limit=1).action_undo(force=True)
        if len(leads.exists()) != 2:
            raise Failure(f"After {step}, a merge cannot be undone.")
        waiting = env["crm.lead.match.queue"].search_count([], limit=1)
        if not waiting:
            raise Failure(f"After {step}, no keys wait to be built.")
    env.cr.rollback()
