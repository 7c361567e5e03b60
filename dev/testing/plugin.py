"""What pytest does differently here; loaded by the pytest.ini beside this file.

Odoo's test helpers skip a browser test when they find no browser. Here that is a
failure. Besides, ``--record FILE`` keeps the outcome of each test as JSON, and
``--javascript`` counts what browser tests run of the addon's JavaScript.
"""

import json
import re
import threading
from pathlib import Path

import pytest

import odoo.tests

from . import javascript

NO_BROWSER = re.compile(r"chrome|chromium|websocket-client|devtools", re.IGNORECASE)
# The worst outcome of a test's set-up, call, tear-down and subtests counts.
OUTCOMES = ("passed", "skipped", "failed")


def pytest_addoption(parser):
    parser.addoption("--record", metavar="FILE", help="keep outcomes as JSON")
    parser.addoption(
        "--javascript", action="store_true", help="print which JavaScript was not run"
    )


def pytest_configure(config):
    # Names as in the repository: the addon's place on the addons path is ours only,
    # yet the system resolves links in the name of the current folder.
    object.__setattr__(config.invocation_params, "dir", config.rootpath)
    if path := config.getoption("--record"):
        config.pluginmanager.register(Recorder(Path(path)))
    if config.getoption("--javascript"):
        config.pluginmanager.register(javascript.Coverage())


@pytest.fixture(scope="session", autouse=True)
def name_database(load_registry):
    """Odoo's own runner tells each thread its database; some tests ask for it."""
    threading.current_thread().dbname = odoo.tests.common.get_db_name()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr)
        if NO_BROWSER.search(reason):
            report.outcome = "failed"
            report.longrepr = f"A browser test may not be skipped: {reason}"
    return report


class Recorder:
    """The outcome of each test, with what a failure said."""

    def __init__(self, path):
        self.path = path
        self.outcomes = {}

    def pytest_runtest_logreport(self, report):
        previous, _text = self.outcomes.get(report.nodeid, ("passed", ""))
        if OUTCOMES.index(report.outcome) >= OUTCOMES.index(previous):
            text = report.longreprtext if report.failed else ""
            self.outcomes[report.nodeid] = (report.outcome, text)

    def pytest_collectreport(self, report):
        if report.failed:
            self.outcomes[report.nodeid] = ("failed", report.longreprtext)

    def pytest_sessionfinish(self):
        self.path.write_text(json.dumps(self.outcomes))
