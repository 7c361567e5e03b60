"""The package that others install: built, put into an environment, then into Odoo."""

import os
import zipfile

from environment import addon, console, process
from environment.python_packages import uv

from . import modules

#: What the package must have besides what installing it needs.
EXPECTED = ("LICENSE", "README.rst", "static/description/icon.png")
#: What only contributors use.
UNWANTED = ("dev/", "benchmarks/", "readme/", ".ci/", "__pycache__")


def run(installation, options, arguments):
    """Return 0 when the addon can be installed from its package alone."""
    wheel = _build(installation.scratch)
    _check_contents(wheel)
    site = _install(installation.scratch, wheel)
    with installation.throwaway("package") as database:
        installation.create(database, modules.ALONE, stock=True)
        environment = installation.environment(stock=True)
        environment["PYTHONPATH"] += f"{os.pathsep}{site}"
        command = installation.command("--database", database, "--init", addon.NAME)
        with console.step(f"Installing {addon.NAME} from {wheel.name}") as step:
            quiet = ["--stop-after-init", "--log-level=warn"]
            code = process.run([*command, *quiet], environment)
            installed = _is_installed(installation.databases, database)
            step.failed = bool(code) or not installed
    return int(step.failed)


def _is_installed(databases, database):
    # An addon that Odoo does not find is passed over with a warning.
    query = "SELECT state FROM ir_module_module WHERE name = %s"
    return databases.execute(query, [addon.NAME], database) == [("installed",)]


def _build(scratch):
    folder = scratch / "wheel"
    with console.step("Building the package"):
        uv("build", "--wheel", "--out-dir", folder, addon.ROOT)
    [wheel] = folder.glob("*.whl")
    return wheel


def _check_contents(wheel):
    prefix = f"odoo/addons/{addon.NAME}/"
    with zipfile.ZipFile(wheel) as file:
        names = {name.removeprefix(prefix) for name in file.namelist()}
    missing = [name for name in EXPECTED if name not in names]
    unwanted = sorted(name for name in names if name.startswith(UNWANTED))
    if missing or unwanted:
        told = [*(f"{name} is missing" for name in missing), *unwanted[:10]]
        raise console.Failure(f"{wheel.name}: {', '.join(told)}")


def _install(scratch, wheel):
    """Install the package into a new environment and return its site-packages."""
    folder = scratch / "fresh"
    uv("venv", folder)
    # Odoo, which it depends on, comes from where all commands have it.
    uv("pip", "install", "--python", folder / "bin" / "python", "--no-deps", wheel)
    return next(folder.glob("lib/python*/site-packages"))
