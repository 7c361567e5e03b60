"""This addon's own tests: Python, doctests, browser tours and hoot."""

import os
from pathlib import Path

from environment import addon, cache, console, process
from environment.python_packages import Packages

from . import modules, runner

# Folders that hold no tests, and scripts that cannot be imported.
IGNORED = ("benchmarks", "dev", "migrations", "node_modules")


def run(installation, options, arguments):
    """Run the tests that pytest's ``arguments`` select, and return its exit code."""
    if options.with_oca:
        installation.more_packages.append(Packages("requirements-oca.txt").ensure())
    if options.database or options.keep:
        database = options.database or f"test_{addon.clone_key()}_{os.getpid()}"
        with cache.lock(f"database-{database}"):
            try:
                return _run_on(installation, database, options, arguments)
            finally:
                console.say(f"The database is kept: {database}")
    with installation.throwaway("test") as database:
        return _run_on(installation, database, options, arguments)


def _run_on(installation, database, options, arguments):
    if installation.databases.exists(database):
        installation.refresh(database)
    else:
        names = modules.ALONE if options.alone else modules.NEIGHBOURS
        names = modules.available(names, installation.source)
        if options.with_oca:
            names += modules.OCA
        installation.create(database, names)
    return _run_pytest(installation, database, options, arguments)


def _run_pytest(installation, database, options, arguments):
    root = addon.addons_folder() / addon.NAME
    told = [_on_path(argument, root) for argument in arguments]
    if told == list(arguments):
        told.append(str(root))
    told += ["--doctest-modules", *(f"--ignore={root / name}" for name in IGNORED)]
    if not options.coverage:
        return runner.run_pytest(installation, database, told, root)
    coverage = installation.packages.program("coverage")
    data = f"--data-file={installation.scratch / 'coverage'}"
    left_out = ",".join(f"{root / name}/*" for name in (*IGNORED, "tests"))
    prefix = [coverage, "run", data, f"--source={root}", f"--omit={left_out}"]
    told.append("--javascript")
    code = runner.run_pytest(installation, database, told, root, prefix=prefix)
    # Code in the database has no file that could be read.
    report = [coverage, "report", data, "--skip-empty", "-m", "--ignore-errors"]
    process.run(report, dict(os.environ))
    return code


def _on_path(argument, root):
    """Return ``argument``, a path in the repository turned into one in ``root``.

    Odoo knows the addon by its place on the addons path, not by the repository's.
    """
    if argument.startswith("-"):
        return argument
    path, *names = argument.split("::")
    for base in (Path.cwd(), addon.ROOT):
        full = (base / path).resolve()
        if full.exists() and full.is_relative_to(addon.ROOT):
            return "::".join([str(root / full.relative_to(addon.ROOT)), *names])
    return argument
