"""How much of the addon's JavaScript the browser tests run, as Chromium counts it.

Odoo serves modules in bundles without line breaks worth naming, so that characters are
counted, not lines, as the browser's own developer tools do. What several tests run of a
module is added up.
"""

import functools
import re

import odoo.tests.common

from environment import addon

MODULE = re.compile(r"odoo\.define\(\s*['\"]@([\w/.-]+)['\"]")
#: Characters that JavaScript counts as two.
WIDE = re.compile("[\U00010000-\U0010ffff]")
#: Seconds that the browser may take to answer with all of a bundle.
PATIENCE = 120
#: How much is shown of a piece of code that no test runs.
SHOWN = 70


class Coverage:
    """A plugin of pytest that watches every browser that a test starts."""

    def __init__(self):
        self.ran = {}
        self.sources = {}

    def pytest_configure(self):
        browser = odoo.tests.common.ChromeBrowser
        start, stop = browser.__init__, browser.stop

        @functools.wraps(start)
        def start_and_count(browser, *args, **options):
            start(browser, *args, **options)
            self._count(browser)

        @functools.wraps(stop)
        def take_and_stop(browser):
            try:
                self._take(browser)
            finally:
                stop(browser)

        browser.__init__, browser.stop = start_and_count, take_and_stop

    @staticmethod
    def _count(browser):
        browser._websocket_request("Debugger.enable")
        browser._websocket_request("Profiler.enable")
        detailed = {"callCount": False, "detailed": True}
        browser._websocket_request("Profiler.startPreciseCoverage", params=detailed)

    def _take(self, browser):
        counted = browser._websocket_request(
            "Profiler.takePreciseCoverage", timeout=PATIENCE
        )
        for script in counted["result"]:
            if "/web/assets/" in script["url"]:
                self.add(self._read(browser, script), script["functions"])

    def _read(self, browser, script):
        """Return the text of a bundle: megabytes, fetched once."""
        if script["url"] not in self.sources:
            told = {"scriptId": script["scriptId"]}
            found = browser._websocket_request(
                "Debugger.getScriptSource", params=told, timeout=PATIENCE
            )
            self.sources[script["url"]] = WIDE.sub("  ", found["scriptSource"])
        return self.sources[script["url"]]

    def add(self, source, functions):
        """Add what ran of the addon's modules in a script.

        :param source: its text
        :param functions: as ``Profiler.takePreciseCoverage`` tells them
        """
        ranges = [each for function in functions for each in function["ranges"]]
        # what is inside another range comes after it, and has the last word
        ranges.sort(key=lambda each: (each["startOffset"], -each["endOffset"]))
        for name, start, end in modules(source):
            ran = bytearray(end - start)
            for each in ranges:
                first = max(each["startOffset"], start) - start
                last = min(each["endOffset"], end) - start
                if first < last:
                    ran[first:last] = bytes([each["count"] > 0]) * (last - first)
            known = self.ran.setdefault((name, source[start:end]), ran)
            known[:] = (one | other for one, other in zip(known, ran, strict=True))

    def pytest_terminal_summary(self, terminalreporter):
        terminalreporter.section("JavaScript that ran")
        total = missed = 0
        for (name, text), ran in sorted(self.ran.items()):
            total, missed = total + len(ran), missed + ran.count(0)
            part = 100 * (1 - ran.count(0) / len(ran))
            terminalreporter.line(f"{name:<40}{len(ran):>8} characters{part:>6.0f} %")
            for piece in pieces(text, ran):
                terminalreporter.line(f"    not run: {piece}")
        part = 100 * (1 - missed / max(total, 1))
        terminalreporter.line(f"{'all':<40}{total:>8} characters{part:>6.0f} %")


def modules(source):
    """Yield the name, start and end of each of the addon's modules in a bundle."""
    found = [*MODULE.finditer(source)]
    ends = [*(match.start() for match in found[1:]), len(source)]
    for match, end in zip(found, ends, strict=False):  # where none is, no end counts
        owner, _slash, name = match[1].partition("/")
        if owner == addon.NAME and not name.startswith(".."):
            yield name, match.start(), end


def pieces(text, ran):
    """Yield the beginning of each piece of `text` that did not run."""
    for match in re.finditer(rb"\x00+", bytes(ran)):
        piece = " ".join(text[match.start() : match.end()].split())
        if piece.strip("{}();, "):
            yield piece[:SHOWN]
