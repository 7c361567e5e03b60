"""Scan very many leads for duplicates; look one up; create; count similar ones.

Keys follow the leads as they change, so building those of all leads, as after
installing the addon in a full database, is measured apart (``keys_s``).
"""

import argparse
import json
import random
import resource
import statistics
import time

CREATED = 1_000
PAGE = 80
CHANGED = 5
LOOK_UPS = 300
ROUNDS = 15
BATCH = 20_000
SYLLABLES = (
    "ba ko ri ta ne lo su mi de ra vo ki pa le no ga sa tu fe ho ja wi ze mo".split()
)
STREETS = "Street Road Avenue Lane Square Close Drive Place".split()
PROVIDERS = "gmail.com outlook.com yahoo.com gmx.de orange.fr".split()
COLUMNS = (
    "name",
    "type",
    "active",
    "contact_name",
    "partner_name",
    "email_from",
    "email_normalized",
    "email_domain_criterion",
    "phone",
    "phone_sanitized",
    "street",
    "zip",
    "city",
)


def main(argv, environment):
    """Print one line of JSON with everything measured, addon beside stock."""
    parser = argparse.ArgumentParser(prog="dev/bench scan", description=__doc__)
    parser.add_argument("--leads", type=int, default=100_000, help="leads to scan")
    parser.add_argument("--seed", type=int, default=1, help="of what is made up")
    options = parser.parse_args(argv)
    found = {"bench": "scan", "leads": options.leads}
    databases = {}
    for name in ("stock", "addon"):
        databases[name] = environment.create_database(
            f"scan_{name}", addon=name == "addon"
        )
        with environment.open(databases[name]) as env:
            fill(env, options.leads, options.seed)
            if name == "addon":
                found |= scan(env)
                found["lookup_p95_ms"] = look_up(env)
    for what, measure in (
        ("create", create),
        ("counter", count),
        ("counter_changed", count_changed),
    ):
        found[f"{what}_ratio"] = compare(environment, databases, measure)
    print(json.dumps(found))


def compare(environment, databases, measure):
    """Return how many times as long the addon takes: means of the faster half of rounds
    in turn. A machine is not equally fast all the time; either side has its share of
    that, and what else the machine does only slows rounds down."""
    spent = {name: [] for name in databases}
    names = list(databases)
    for turn in range(ROUNDS):
        for name in names:
            with environment.open(databases[name]) as env:
                if not turn:
                    measure(env, turn)  # warms the caches up
                    env.cr.rollback()
                    env.invalidate_all()
                spent[name].append(measure(env, turn))
        names.reverse()  # neither side always goes first
    faster = {name: sorted(each)[: ROUNDS // 2] for name, each in spent.items()}
    return round(sum(faster["addon"]) / sum(faster["stock"]), 3)


# ------------------------------------------------------------
# Leads
# ------------------------------------------------------------


class Writer:
    """Makes leads up: a tenth of them duplicates, a few values that many share."""

    def __init__(self, leads, seed):
        self.random = random.Random(seed)
        self.firsts = self._words(2_000, 2)
        self.lasts = self._words(20_000, 3)
        self.towns = self._words(3_000, 3)
        self.streets = self._words(5_000, 3)
        self.brands = self._words(max(200, leads // 6), 4)
        self.recent = []

    def _words(self, number, syllables):
        pick = self.random.choices
        return ["".join(pick(SYLLABLES, k=syllables)).title() for _ in range(number)]

    def _frequent(self, words):
        """Pick a word, the first ones far more often than the last ones."""
        return words[int(len(words) * self.random.random() ** 2.5)]

    def lead(self, number):
        if self.recent and self.random.random() < 0.1:
            return self._duplicate(self.random.choice(self.recent))
        row = self._new(number)
        self.recent.append(row)
        if len(self.recent) > 5_000:
            del self.recent[:2_500]
        return row

    def _new(self, number):
        dice = self.random
        first, last = self._frequent(self.firsts), self._frequent(self.lasts)
        brand = dice.choice(self.brands) if dice.random() < 0.6 else ""
        domain = f"{brand.lower()}.com" if brand else dice.choice(PROVIDERS)
        local = "info" if brand and dice.random() < 0.1 else f"{first}.{last}".lower()
        local += "" if brand else str(dice.randrange(1_000))
        email = f"{local}@{domain}" if dice.random() < 0.8 else ""
        phone = f"+322{dice.randrange(10**7):07}" if dice.random() < 0.7 else ""
        if dice.random() < 0.01:
            phone = f"+3229990{dice.randrange(50):03}"
        town = self._frequent(self.towns)
        return {
            "name": f"Lead {number}",
            "contact_name": f"{first} {last}",
            "partner_name": f"{brand} Ltd" if brand else "",
            "email_from": email,
            "phone": phone,
            "street": f"{dice.randrange(1, 200)} {self._frequent(self.streets)} "
            f"{dice.choice(STREETS)}",
            "zip": f"{1000 + self.towns.index(town)}",
            "city": town,
        }

    def _duplicate(self, row):
        """Return the same prospect as somebody else would type it."""
        row = dict(row)
        for field in self.random.sample(["email_from", "phone", "street", "zip"], k=2):
            row[field] = ""
        name = row["contact_name"]
        place = self.random.randrange(1, len(name))
        row["contact_name"] = name[:place] + name[place + 1 :]
        return row


def fill(env, leads, seed):
    """Put leads into the database, past the ORM: it is not what is measured."""
    writer = Writer(leads, seed)
    for start in range(0, leads, BATCH):
        rows = [
            writer.lead(number) for number in range(start, min(start + BATCH, leads))
        ]
        env.cr.execute_values(
            f"INSERT INTO crm_lead ({', '.join(COLUMNS)}) VALUES %s",
            [complete(row) for row in rows],
            page_size=BATCH,
        )
    env.cr.execute("ANALYZE crm_lead")
    env.cr.commit()
    env.invalidate_all()


def complete(row):
    """Return the columns of a row, those that Odoo computes too."""
    email = row["email_from"] or None
    domain = email and email.rpartition("@")[2]
    criterion = email if domain in PROVIDERS else domain and f"@{domain}"
    row = {
        **{field: value or None for field, value in row.items()},
        "type": "lead",
        "active": True,
        "email_normalized": email,
        "email_domain_criterion": criterion,
        "phone_sanitized": row["phone"] or None,
    }
    return tuple(row[column] for column in COLUMNS)


# ------------------------------------------------------------
# Measure
# ------------------------------------------------------------


def scan(env):
    """Carry a whole scan out; return what it took, and what it found."""
    run = env["crm.lead.scan"]._start()
    env.cr.commit()
    before, started = peak(), time.perf_counter()
    steps, spent, kept = {}, started, {}
    while run.state != "done":
        state = run.state
        if state == "pairs" and "pairs" not in steps:
            env.cr.commit()
            analyze(env)
            spent = time.perf_counter()
        run._step(kept)
        env.cr.commit()
        now = time.perf_counter()
        steps[state] = steps.get(state, 0.0) + now - spent
        spent = now
    keys_s = steps.pop("keys")
    return {
        "scan_s": round(sum(steps.values()), 1),
        "keys_s": round(keys_s, 1),
        "steps": {state: round(seconds, 1) for state, seconds in steps.items()},
        "peak_mb": round(peak()),
        "copy_peak_mb": round(peak(resource.RUSAGE_CHILDREN)),
        "before_mb": round(before),
        "pairs": run.pair_count,
        "found": run.found_count,
        "left_out": run.left_out_count,
    }


def analyze(env):
    """Do what PostgreSQL does by itself within minutes of so many changes."""
    for table in ("key", "profile", "term"):
        env.cr.execute(f"ANALYZE crm_lead_match_{table}")
    env.cr.commit()


def peak(whose=resource.RUSAGE_SELF):
    """Return the most memory this process has had, or one it has started, in MB; what
    a copy shares with the process that it is a copy of counts for both."""
    return resource.getrusage(whose).ru_maxrss / 1024


def look_up(env):
    """Return the time within which 95 of 100 single look-ups are answered, in ms."""
    env.cr.execute(
        "SELECT id FROM crm_lead ORDER BY md5(id::text) LIMIT %s", [LOOK_UPS + 20]
    )
    leads = env["crm.lead"].browse([lead_id for (lead_id,) in env.cr.fetchall()])
    matcher, spent = env["crm.lead.matcher"], []
    for lead in leads:
        started = time.perf_counter()
        matcher._find(lead)
        spent.append(1_000 * (time.perf_counter() - started))
    return round(statistics.quantiles(spent[20:], n=20)[-1], 2)


def create(env, turn):
    """Return how long it takes to create leads in one batch, in seconds."""
    values = [
        {
            "name": f"New {number}",
            "contact_name": f"Zoe New{number}",
            "email_from": f"new{turn}x{number}@new{number}.example.org",
        }
        for number in range(CREATED)
    ]
    started = time.perf_counter()
    env["crm.lead"].create(values)
    env.flush_all()
    return time.perf_counter() - started


def count(env, turn):
    """Return how long the similar leads of a page of leads take, in seconds."""
    leads = env["crm.lead"].search([], limit=PAGE, offset=turn * PAGE, order="id desc")
    leads.read(["email_normalized", "phone_sanitized", "partner_id"])
    started = time.perf_counter()
    leads.mapped("duplicate_lead_count")
    return time.perf_counter() - started


def count_changed(env, turn):
    """Return the same for a page on which some leads have changed a moment ago."""
    leads = env["crm.lead"].search([], limit=PAGE, offset=turn * PAGE, order="id desc")
    leads[:CHANGED].write({"city": f"Town {turn}"})
    env.flush_all()
    return count(env, turn)
