"""Convert in a run whose process is killed again and again."""

import argparse
import json
import random
import resource
import signal
import subprocess
import sys
import time

BATCH = 200
CHUNK = 1000


def main(argv, environment):
    """Print progress and memory; the last line is JSON."""
    parser = argparse.ArgumentParser(prog="dev/bench run")
    parser.add_argument("--leads", type=int, default=20000, help="leads in the run")
    parser.add_argument("--kill", type=int, default=10, help="how often to kill it")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments")
    options = parser.parse_args(argv)
    chance = random.Random(options.seed)
    database = environment.create_database("run")
    with environment.open(database) as env:
        run_id = prepare(env, options.leads)
        left = count(env, run_id)
    started = time.perf_counter()
    kills, memory = 0, []
    while left:
        # Killed before its share is done, so that ten kills fit into the run.
        share = max(left - options.leads // (options.kill + 1), 0)
        is_killed = kills < options.kill
        dice = chance if is_killed else None
        memory += work(environment, database, run_id, dice, share)
        kills += is_killed
        with environment.open(database) as env:
            left = count(env, run_id)
        print(f"{'killed' if is_killed else 'ended'}; {left} leads waiting", flush=True)
    seconds = time.perf_counter() - started
    with environment.open(database) as env:
        report(env, run_id, options.leads, kills, seconds, memory)


def prepare(env, leads):
    """Create the leads and a run over them, and start it."""
    ids = []
    for first in range(0, leads, CHUNK):
        values = [
            {
                "name": f"Lead {number}",
                "type": "lead",
                "contact_name": f"Contact {number}",
                "email_from": f"run{number}@example.com",
                "user_id": False,
            }
            for number in range(first, min(first + CHUNK, leads))
        ]
        ids += env["crm.lead"].with_context(tracking_disable=True).create(values).ids
        env.flush_all()
        env.invalidate_all()
        env.cr.commit()
    from odoo.addons.crm_lead_qualification.engine.conversion import ConversionOptions

    run = env["crm.lead.run"]._create_conversions(
        env["crm.lead"].browse(ids), ConversionOptions(customer="each_exist_or_create")
    )
    run.action_start()
    env.flush_all()
    env.cr.commit()
    return run.id


def count(env, run_id):
    """Return how many leads are waiting."""
    return env["crm.lead.run"].browse(run_id).waiting_count


def work(environment, database, run_id, chance, share):
    """Let a process of its own work on the run; kill it at a random moment.

    :param chance: the generator of random moments; None: let it finish
    :param share: how many leads may be left before it is killed at the latest
    :return: its memory in MB, after each batch
    """
    python = environment.installation.packages.program("python")
    command = [python, "-P", "-u", __file__, database, str(run_id)]
    variables = environment.installation.environment()
    memory = []
    with subprocess.Popen(
        command, env=variables, stdout=subprocess.PIPE, text=True
    ) as process:
        for line in process.stdout:
            waiting, megabytes = map(int, line.split())
            memory.append(megabytes)
            if chance and (waiting <= share or chance.random() < 0.05):
                # at any moment of the batch that follows
                time.sleep(chance.random())
                process.send_signal(signal.SIGKILL)
                break
    if not chance and process.returncode:
        raise RuntimeError(f"the process ended with {process.returncode}")
    return memory


def report(env, run_id, leads, kills, seconds, memory):
    """Print what is wrong, if anything; the last line is JSON."""
    run = env["crm.lead.run"].browse(run_id)
    lead_ids = run.line_ids.mapped("lead_res_id")
    env.cr.execute(
        """SELECT count(*), count(DISTINCT lead_res_id), count(DISTINCT partner_id)
             FROM crm_lead_conversion WHERE state = 'done' AND lead_res_id = ANY(%s)""",
        [lead_ids],
    )
    conversions, converted, customers = env.cr.fetchone()
    env.cr.execute(
        """SELECT count(*), count(DISTINCT email) FROM res_partner
            WHERE email LIKE 'run%%@example.com'"""
    )
    partners, addresses = env.cr.fetchone()
    lost = leads - env["crm.lead"].search_count(
        [("id", "in", lead_ids), ("type", "=", "opportunity")]
    )
    steady = memory[len(memory) // 10 :] or [0]
    print(f"{leads} leads, {kills} kills, {seconds:.0f} s, state {run.state}")
    print(f"memory after each batch: {min(steady)} to {max(steady)} MB")
    print(
        json.dumps(
            {
                "bench": "run",
                "leads": leads,
                "kills": kills,
                "converted": converted,
                "twice": conversions - converted,
                "lost": lost,
                "customers": customers,
                "customers_twice": partners - addresses,
                "seconds": round(seconds, 1),
                "peak_mb": max(steady),
            }
        )
    )


def process_run(database, run_id):
    """Work on the run until nothing is left, a transaction a batch."""
    import odoo.api
    import odoo.tools
    from odoo.modules.registry import Registry

    odoo.tools.config.parse_config(["--log-level=error"], setup_logging=True)
    registry = Registry(database)
    while True:
        with registry.cursor() as cursor:
            env = odoo.api.Environment(cursor, odoo.api.SUPERUSER_ID, {})
            run = env["crm.lead.run"].browse(run_id)
            handled = run.process(BATCH)
            waiting = run.waiting_count
        # Now, not the highest so far: the memory has to be flat.
        with open("/proc/self/statm") as statm:
            pages = int(statm.read().split()[1])
        print(waiting, pages * resource.getpagesize() // 1024**2, flush=True)
        if not handled:
            return


if __name__ == "__main__":
    process_run(sys.argv[1], int(sys.argv[2]))
