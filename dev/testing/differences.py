"""The list of Odoo's tests that end otherwise than Odoo means them to.

One a line: ``test | when | promise | why``. ``when`` is ``default`` or
``confidence`` (how the survivor is chosen) or ``both``. Two kinds of tests can tell
nothing of this addon: ``stock``, which fails without it as well and is run on stock
only, and ``unstable``, which ends now so, now so on stock and is not run. Lines that
begin with # are comments.
"""

from dataclasses import dataclass

from environment.console import Failure

PATH = "tests/upstream_differences.txt"
STOCK = "stock"
UNSTABLE = "unstable"
KINDS = ("default", "confidence", "both", STOCK, UNSTABLE)
VARIANTS = {
    "default": {"default", "both"},
    "confidence": {"confidence", "both"},
    STOCK: {STOCK},
}


@dataclass(frozen=True)
class Difference:
    """One test of Odoo's that fails, and why it may."""

    test: str
    when: str
    promise: str
    why: str


def read(path):
    """Return the differences listed in ``path``; none if there is no such file."""
    lines = path.read_text().splitlines() if path.exists() else []
    return [
        _parse(line, number)
        for number, line in enumerate(lines, start=1)
        if line.strip() and not line.startswith("#")
    ]


def _parse(line, number):
    parts = [part.strip() for part in line.split("|")]
    if len(parts) != 4 or not all(parts) or parts[1] not in KINDS:
        raise Failure(
            f"{PATH}, line {number}: write “test | {', '.join(KINDS)} | promise | why”."
        )
    return Difference(*parts)


def telling_nothing(listed, variant):
    """Return the tests that need not be run in ``variant``."""
    kinds = {STOCK, UNSTABLE} - {variant}
    return [each.test for each in listed if each.when in kinds]


def compare(outcomes, listed, variant, whole=True):
    """Return in words what in ``outcomes`` is not as ``listed``.

    :param outcomes: test name → (outcome, text)
    :param whole: False when only some tests were run: others may be missing
    """
    expected = {each.test for each in listed if each.when in VARIANTS[variant]}
    problems = []
    for test, (outcome, text) in outcomes.items():
        if outcome == "failed" and test not in expected:
            problems.append(f"{test} fails ({variant}):\n{text}")
    for test in sorted(expected):
        outcome, _text = outcomes.get(test, ("missing", ""))
        if outcome == "missing" and not whole:
            continue
        if outcome != "failed":
            problems.append(
                f"{test} no longer differs ({variant}: {outcome}): "
                f"remove its line from {PATH}"
            )
    return problems
