"""Pytest in the environment of an installation."""

import os
from pathlib import Path

from environment import browser, console, node, process

SETTINGS = Path(__file__).with_name("pytest.ini")


def run_pytest(installation, database, arguments, root, stock=False, prefix=()):
    """Run pytest on ``database`` and return its exit code.

    :param arguments: what pytest is told
    :param root: what the names of tests are relative to
    :param prefix: the command that runs pytest's script, such as coverage
    """
    environment = installation.environment(
        stock, db_name=database, dbfilter=f"^{database}$"
    )
    environment["PATH"] = os.pathsep.join([str(browser.folder()), environment["PATH"]])
    if not stock:
        environment.update(_axe_core())
    environment["PYTHONPATH"] += os.pathsep + str(SETTINGS.parent.parent)
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    # What a browser that was killed leaves goes when we go.
    environment["TMPDIR"] = str(installation.scratch)
    # The script, not “python -m”: that would import from the current folder first,
    # where an addon called calendar hides Python's own module.
    command = [*prefix, installation.packages.program("pytest")]
    command += ["-c", SETTINGS, f"--rootdir={root}", *arguments]
    return process.run(command, environment, cwd=root)


def _axe_core():
    """Say where axe-core is, which the accessibility test asks for."""
    try:
        path = node.modules() / "axe-core" / "axe.min.js"
    except console.Failure as failure:
        console.say(f"Without axe-core the accessibility test is skipped: {failure}")
        return {}
    return {"AXE_CORE_PATH": str(path)}
