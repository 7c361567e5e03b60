"""Break things in the middle of merges, runs and scans: nothing may be lost.

PostgreSQL crashes and comes back, the process is killed, somebody else writes first,
the disk is full, the clock jumps, a backup is running, ten tabs read. After each fault
the database is compared with what it was: the work is either done as a whole, or not
begun; what was interrupted goes on where it was. The server is one of its own, with the
settings of real data.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

#: What a merge, a conversion or a scan may touch, the detector's own tables aside.
TABLES = (
    "calendar_event",
    "crm_lead",
    "crm_lead_conversion",
    "crm_lead_journal",
    "crm_lead_journal_line",
    "crm_lead_merge",
    "crm_lead_merge_source",
    "crm_lead_merge_value",
    "ir_attachment",
    "mail_activity",
    "mail_followers",
    "mail_message",
    "mail_tracking_value",
    "res_partner",
)
MERGED = 12
CONVERTED = 400
SCANNED = 3_000
BATCH = 50
#: Tabs that read at the same time, and leads that they have changed before.
TABS, READ = 10, 300
#: Seconds within which work is done that nothing holds up.
PATIENCE = 120


def main(argv, environment):
    """Print what was tried, and what was lost; the last line is JSON."""
    parser = argparse.ArgumentParser(prog="dev/bench faults", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="of each fault")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments")
    parser.add_argument(
        "--fault", action="append", help="only this one, by the name of its method"
    )
    options = parser.parse_args(argv)
    with careful_server(environment) as (bench, server):
        trial = Trial(bench, server, random.Random(options.seed))
        faults = (
            trial.interrupt,
            trial.outrun,
            trial.fill_disk,
            trial.turn_clock,
            trial.back_up,
            trial.read_along,
        )
        for fault in faults:
            if options.fault and fault.__name__ not in options.fault:
                continue
            for work in (Merge, Run, Scan):
                for number in range(options.rounds):
                    fault(work(bench, trial.database), number)
    summary = {"bench": "faults", **trial.counts, "lost": len(trial.problems)}
    summary |= {"pages_read": trial.pages, "errors_from_reading": trial.refused}
    print(json.dumps({**summary, "seed": options.seed}))
    return 1 if trial.problems else 0


@contextmanager
def careful_server(environment):
    """Have a server that loses nothing, and scratch databases on it."""
    from benchmarking.bench import Bench
    from environment import cache, postgres
    from environment.installation import Installation

    folder = cache.open_folder() / f"faults-{os.getpid()}"
    server = postgres.Cluster(folder, postgres.SETTINGS)
    own = environment.installation
    try:
        with server.running(), tempfile.TemporaryDirectory() as scratch:
            bench = Bench(Installation(own.source, own.packages, server, Path(scratch)))
            try:
                yield bench, server
            finally:
                bench.drop_all()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# ------------------------------------------------------------
# Faults
# ------------------------------------------------------------


class Trial:
    """Every fault there is, tried on a piece of work, and what came of it."""

    def __init__(self, bench, server, chance):
        self.bench = bench
        self.server = server
        self.chance = chance
        self.database = bench.create_database("faults")
        self.counts = dict.fromkeys(
            "killed crashed outrun disk_full clock backup read_along".split(), 0
        )
        self.problems = []
        self.pages = self.refused = 0

    def tell(self, name, work, problem):
        self.counts[name] += 1
        print(f"{name:<12}{work.name:<7}{problem or 'nothing lost'}", flush=True)
        if problem:
            self.problems.append(problem)

    def interrupt(self, work, number):
        """Kill the process, or have the server crash, at a random moment."""
        import odoo.sql_db

        name = "crashed" if number % 2 else "killed"
        work.prepare()
        with work.process() as process:
            process.stdout.readline()  # it begins
            time.sleep(self.chance.random() * work.seconds)
            if name == "crashed":
                self.server.stop("immediate")
            else:
                process.send_signal(signal.SIGKILL)
            process.wait()
        if name == "crashed":
            self.server.start()
            odoo.sql_db.close_all()  # our own connections are gone as well
        self.tell(name, work, work.check() or work.finish())

    def outrun(self, work, _number):
        """Have somebody else write first what the work is about to write."""
        from odoo.service.model import retrying
        from odoo.tools import mute_logger

        work.prepare()
        tries = []
        with mute_logger("odoo.sql_db"), self.bench.open(self.database) as env:

            def act():
                tries.append(env.cr)
                if len(tries) == 1:
                    env.cr.execute("SELECT count(*) FROM crm_lead")  # what we know
                    with self.bench.open(self.database) as other:
                        work.overtake(other)
                        other.cr.commit()
                return work.act(env)

            retrying(act, env)
            env.cr.commit()
        problem = "" if len(tries) > 1 else "nobody was outrun"
        self.tell("outrun", work, problem or work.finish())

    def fill_disk(self, work, number):
        """Have PostgreSQL refuse to write to one of the tables."""
        import psycopg2

        from odoo.tools import mute_logger

        work.prepare()
        table = work.tables[number % len(work.tables)]
        with self.bench.open(self.database) as env:
            env.cr.execute(FULL_DISK.format(table=table))
            env.cr.commit()
        problem = f"{table} could be written"
        with mute_logger("odoo.sql_db"), self.bench.open(self.database) as env:
            try:
                work.act(env)
            except psycopg2.errors.DiskFull:
                problem = ""
        with self.bench.open(self.database) as env:
            env.cr.execute(f"DROP TRIGGER bench_full_disk ON {table}")
            env.cr.commit()
        self.tell("disk_full", work, problem or work.check() or work.finish())

    def turn_clock(self, work, number):
        """Turn the clock back, or on, before the work is done."""
        from freezegun import freeze_time

        work.prepare()
        with freeze_time(f"{2020 + 12 * (number % 2)}-02-29 23:59:59", tick=True):
            with self.bench.open(self.database) as env:
                work.act(env)
                env.cr.commit()
        self.tell("clock", work, work.finish() or work.check_due())

    def back_up(self, work, _number):
        """Have a backup read all tables from before the work begins until after it."""
        work.prepare()
        with self.bench.open(self.database) as backup:
            # what pg_dump does, which then reads for hours
            backup.cr.execute(ALL_TABLES)
            [tables] = backup.cr.fetchone()
            backup.cr.execute(f"LOCK TABLE {tables} IN ACCESS SHARE MODE")
            problem = ""
            with work.process() as process:
                try:
                    process.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()
                    problem = f"it waited for the backup for {PATIENCE} s"
        self.tell("backup", work, problem or work.check() or work.finish())

    def read_along(self, work, _number):
        """Have ten tabs read leads while the work is done, and changes are compared."""
        from odoo.tools import mute_logger

        work.prepare()
        with self.bench.open(self.database) as env:
            env["crm.lead.match.queue"]._append(work.get_leads(env).ids[:READ])
            env.cr.commit()
        done, errors = threading.Event(), []
        tabs = [
            threading.Thread(target=self.read, args=(work, done, errors))
            for _tab in range(TABS)
        ]
        with mute_logger("odoo.sql_db"):
            for tab in tabs:
                tab.start()
            with work.process() as process:
                while process.poll() is None:
                    with self.bench.open(self.database) as env:
                        env["crm.lead.match.queue"]._cron_compare()
                        env.cr.commit()
                    time.sleep(0.1)
            done.set()
            for tab in tabs:
                tab.join()
        self.refused += len(errors)
        problem = f"{len(errors)} pages failed: {errors[0]!r}" if errors else ""
        self.tell("read_along", work, problem or work.check() or work.finish())

    def read(self, work, done, errors):
        """What a tab does: it opens one lead after another."""
        wanted = {name: {} for name in ("name", "duplicate_lead_count")}
        wanted["duplicate_best_id"] = {"fields": {"display_name": {}}}
        while not done.is_set():
            with self.bench.open(self.database) as env:
                try:
                    leads = work.get_leads(env)
                    leads.browse(random.sample(leads.ids, min(5, len(leads)))).web_read(
                        wanted
                    )
                    env.cr.commit()
                    self.pages += 1
                except Exception as error:  # noqa: BLE001 - told
                    errors.append(error)


ALL_TABLES = """
    SELECT string_agg(quote_ident(relname), ', ') FROM pg_class
     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""
FULL_DISK = """
    CREATE OR REPLACE FUNCTION bench_full_disk() RETURNS trigger AS $$
    BEGIN
        RAISE EXCEPTION 'could not extend file: No space left on device'
              USING ERRCODE = 'disk_full';
    END $$ LANGUAGE plpgsql;
    CREATE TRIGGER bench_full_disk BEFORE INSERT OR UPDATE OR DELETE ON {table}
       FOR EACH ROW EXECUTE FUNCTION bench_full_disk()
"""


# ------------------------------------------------------------
# Work
# ------------------------------------------------------------


class Work:
    """Something that takes a while, and must be done as a whole or not at all."""

    name = ""
    #: What it writes.
    tables = ()
    #: How long it takes, about.
    seconds = 1.0

    def __init__(self, bench, database):
        self.bench = bench
        self.database = database
        self.record_ids = []
        self.before = None

    def prepare(self):
        """Create what there is to do, and remember the database."""
        with self.bench.open(self.database) as env:
            self.record_ids = self.create(env)
            env.flush_all()
            env.cr.commit()
            self.before = read(env)

    def process(self):
        """Start a process of its own that does the work."""
        python = self.bench.installation.packages.program("python")
        ids = ",".join(map(str, self.record_ids))
        command = [python, "-P", "-u", __file__, self.name, self.database, ids]
        # what a process says whose server is gone is no news
        return subprocess.Popen(
            command,
            env=self.bench.installation.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def changed(self, env):
        """Return what differs from before, in words."""
        from odoo.addons.crm_lead_qualification.tests.lossless import database

        return database.differences(self.before, read(env))

    def act(self, env):
        """Do the work in this transaction, as far as one transaction goes."""

    def overtake(self, env):
        """Write what `act` is about to write."""

    def get_leads(self, env):
        """Return leads that people may look at meanwhile."""
        return env["crm.lead"].browse(self.record_ids).exists()

    def check_due(self):
        """Return what does not begin any more since the clock was wrong, in words."""
        return ""

    def check(self):
        """Return what is half done, in words."""
        return ""

    def finish(self):
        """Do what is left; return what is wrong then, in words."""
        return ""


class Merge(Work):
    """A merge of leads full of history; then it is undone."""

    name = "merge"
    tables = (
        "crm_lead",
        "crm_lead_journal",
        "crm_lead_journal_line",
        "mail_message",
        "mail_activity",
    )
    seconds = 0.6

    def create(self, env):
        from benchmarks.merge import create_leads

        return create_leads(env, MERGED).ids

    def act(self, env):
        env["crm.lead"].browse(self.record_ids).merge_opportunity()

    def overtake(self, env):
        env["crm.lead"].browse(self.record_ids[-1:]).city = "Overtaken"
        self.before = read(env)  # what the merge and its undo have to keep

    def check(self):
        with self.bench.open(self.database) as env:
            left = env["crm.lead"].browse(self.record_ids).exists()
            if len(left) == MERGED:
                return "; ".join(self.changed(env)[:3])
            return "" if len(left) == 1 else f"{len(left)} of {MERGED} leads are left"

    def finish(self):
        with self.bench.open(self.database) as env:
            leads = env["crm.lead"].browse(self.record_ids)
            if len(leads.exists()) > 1:
                self.act(env)
                env.cr.commit()
            merge = env["crm.lead.merge"].search([], limit=1)
            if merge.survivor_res_id not in self.record_ids:
                return "the merge is not in the history"
            merge.action_undo(force=True)
            env.flush_all()
            env.cr.commit()
            if len(leads.exists()) < MERGED:
                return "a lead did not come back"
            told = [one for one in self.changed(env) if not one.startswith(JOURNAL)]
            return "; ".join(told[:3])


#: What undo leaves behind: that there was a merge, and that it was undone.
JOURNAL = ("crm_lead_merge", "crm_lead_journal")


class Run(Work):
    """A bulk conversion, in batches that are committed one by one."""

    name = "run"
    tables = ("crm_lead", "crm_lead_conversion", "res_partner", "mail_message")
    seconds = 2.5

    def create(self, env):
        from odoo.addons.crm_lead_qualification.engine.conversion import (
            FIND_OR_CREATE,
            ConversionOptions,
        )

        values = [
            {
                "name": f"Fault {number}",
                "type": "lead",
                "contact_name": f"Contact {number}",
                "email_from": f"{time.time_ns()}.{number}@faults.example.com",
            }
            for number in range(CONVERTED)
        ]
        leads = env["crm.lead"].with_context(tracking_disable=True).create(values)
        run = env["crm.lead.run"]._create_conversions(
            leads, ConversionOptions(customer=FIND_OR_CREATE), deduplicate=False
        )
        run.action_start()
        return run.ids

    def act(self, env):
        env["crm.lead.run"].browse(self.record_ids).process(BATCH)
        env.flush_all()

    def overtake(self, env):
        line = env["crm.lead.run"].browse(self.record_ids).line_ids[:1]
        line.lead_id.priority = "2"

    def get_leads(self, env):
        return env["crm.lead.run"].browse(self.record_ids).line_ids.lead_id

    def check(self):
        """What was committed is whole batches, each lead with its conversion."""
        with self.bench.open(self.database) as env:
            lines = env["crm.lead.run"].browse(self.record_ids).line_ids
            half = lines.filtered(
                lambda one: (
                    (one.state == "done") != (one.lead_id.type == "opportunity")
                    or (one.state == "done") != bool(one.conversion_id)
                )
            )
            return f"{len(half)} leads are half done" if half else ""

    def finish(self):
        with self.bench.open(self.database) as env:
            run = env["crm.lead.run"].browse(self.record_ids)
            while run.process(BATCH):
                env.cr.commit()
            env.cr.commit()
            leads = run.line_ids.lead_id
            conversions = env["crm.lead.conversion"].search_count(
                [("lead_res_id", "in", leads.ids)]
            )
            found = (run.done_count, conversions, len(leads.partner_id))
            wrong = "lines, conversions and customers: {}, {}, {}".format(*found)
            return "" if set(found) == {CONVERTED} else wrong


class Scan(Work):
    """A scan of all leads, in steps that are committed one by one."""

    name = "scan"
    tables = ("crm_lead_duplicate", "crm_lead_scan", "crm_lead_match_term")
    seconds = 2.0

    def create(self, env):
        from benchmarks.scan import fill

        if not env["crm.lead"].search_count([("name", "=", "Lead 1")], limit=1):
            fill(env, SCANNED, 1)
        env["crm.lead.scan"]._start()._run()
        self.expected = self.found(env)
        return env["crm.lead.scan"]._start().ids

    def act(self, env):
        scan = env["crm.lead.scan"].browse(self.record_ids)
        while scan.state != "done":
            scan._step()
        env.flush_all()

    def overtake(self, env):
        env["crm.lead.scan"].browse(self.record_ids).position = 0

    def get_leads(self, env):
        return env["crm.lead"].search([("name", "=like", "Lead %")], limit=READ)

    def check_due(self):
        """The next nightly scan begins at its hour."""
        with self.bench.open(self.database) as env:
            key, hour = "crm_lead_qualification.scan_hour", time.gmtime().tm_hour
            env["ir.config_parameter"].set_param(key, str(hour))
            if env["crm.lead.scan"]._is_due():
                return ""
            last = env["crm.lead.scan"].search([], limit=1).date_done
            return f"no scan is due, as the last one ended at {last}"

    def finish(self):
        with self.bench.open(self.database) as env:
            self.act(env)
            env.cr.commit()
            found = self.found(env)
            missing = len(self.expected - found), len(found - self.expected)
            return (
                "" if not any(missing) else "pairs lost, added: {}, {}".format(*missing)
            )

    @staticmethod
    def found(env):
        """Return the pairs and groups of the leads that stay through all trials."""
        env.cr.execute("""
            SELECT pair.lead_id, pair.other_lead_id, pair.certainty,
                   pair.group_id IS NOT NULL
              FROM crm_lead_duplicate pair
              JOIN crm_lead lead ON lead.id = pair.lead_id
               AND lead.name LIKE 'Lead %%'
        """)
        return set(env.cr.fetchall())


def read(env):
    """Return every row of the tables that work may touch."""
    from odoo.addons.crm_lead_qualification.tests.lossless import database

    return database.read(env, TABLES)


def work_alone(name, database, record_ids):
    """Do a piece of work in this process, committing what can be committed."""
    import odoo.api
    import odoo.tools
    from odoo.modules.registry import Registry

    odoo.tools.config.parse_config(["--log-level=critical"], setup_logging=True)
    registry = Registry(database)
    with registry.cursor() as cursor:
        env = odoo.api.Environment(cursor, odoo.api.SUPERUSER_ID, {})
        print("begins", flush=True)
        if name == "merge":
            env["crm.lead"].browse(record_ids).merge_opportunity()
        elif name == "run":
            while env["crm.lead.run"].browse(record_ids).process(BATCH):
                cursor.commit()
        else:
            scan = env["crm.lead.scan"].browse(record_ids)
            while scan.state != "done":
                scan._step()
                cursor.commit()


if __name__ == "__main__":
    work_alone(sys.argv[1], sys.argv[2], [int(one) for one in sys.argv[3].split(",")])
