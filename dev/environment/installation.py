"""Odoo, its packages, a server and this addon, put together: what commands use."""

import os
import re
import tempfile
from collections import deque
from contextlib import contextmanager
from pathlib import Path

from . import addon, cache, configuration, console, odoo_source, postgres, process
from .database import Databases
from .python_packages import Packages

LOADING = re.compile(r"(?:Loading|Creating or updating) .*?module (\w+) \((\d+/\d+)\)")
TROUBLE = re.compile(r" (WARNING|ERROR|CRITICAL) ")
LINES_OF_A_FAILURE = 60
STARTER = Path(__file__).parents[1] / "launching" / "start_odoo.py"


class Installation:
    """A real Odoo 19 with this addon.

    :param data: Odoo's data folder, of which each server needs its own
    """

    def __init__(self, source, packages, server, scratch, data=None):
        self.source = source
        self.packages = packages
        self.server = server
        self.scratch = scratch
        self.data = data or cache.folder() / "odoo-data"
        self.data.mkdir(exist_ok=True)
        self.databases = Databases(server, packages, self.data)
        # with further addons, besides Odoo's and this one
        self.more_packages = []

    @classmethod
    @contextmanager
    def opened(cls):
        """Prepare what is missing, and have it ready for the time of a block."""
        source = odoo_source.find()
        packages = Packages("requirements.txt").ensure()
        with (
            cache.lock(_process_lock(os.getpid())),
            tempfile.TemporaryDirectory(prefix="odoo-") as scratch,
            postgres.find().running() as server,
        ):
            yield cls(source, packages, server, Path(scratch))

    def environment(self, stock=False, **options):
        """Return the environment variables of a program that uses this Odoo.

        :param stock: leave the addon out of the addons path
        :param options: further settings of Odoo's configuration file
        """
        more = [packages.site_packages for packages in self.more_packages]
        addons = [*self.source.addons, *(path / "odoo" / "addons" for path in more)]
        if not stock:
            addons.append(addon.addons_folder())
        settings = {"addons_path": ",".join(map(str, addons)), "data_dir": self.data}
        file = configuration.write(
            self.scratch, {**settings, **options}, self.server.environment
        )
        return {
            **os.environ,
            **self.server.environment,
            "ODOO_RC": str(file),
            "PYTHONPATH": os.pathsep.join(map(str, [self.source.path, *more])),
            "PATH": f"{self.packages.folder / 'bin'}:{os.environ.get('PATH', '')}",
        }

    def command(self, *arguments):
        return [self.packages.program("python"), str(STARTER), *arguments]

    def install(self, database, modules, update=False, stock=False, demo=False):
        """Install or update ``modules`` in ``database``, made when it is missing."""
        option = "--update" if update else "--init"
        arguments = ["--database", database, option, ",".join(modules)]
        arguments += ["--with-demo"] if demo else []
        command = self.command(*arguments, "--stop-after-init")
        what = modules[0] if len(modules) == 1 else f"{len(modules)} modules"
        text = f"{'Updating' if update else 'Installing'} {what} in {database}"
        last = deque(maxlen=LINES_OF_A_FAILURE)
        with console.step(text) as step:
            code = self._follow(command, self.environment(stock), last, step)
        if code:
            raise console.Failure(f"{text} failed:\n{''.join(last)}")

    @staticmethod
    def _follow(command, environment, last, step):
        lines = process.lines(command, environment)
        while True:
            try:
                line = next(lines)
            except StopIteration as end:
                return end.value
            last.append(line)
            if TROUBLE.search(line):
                console.say(line.rstrip())
            elif match := LOADING.search(line):
                step.detail(" ".join(match.groups()))

    def template(self, modules, demo=False):
        """Return a database with ``modules`` to copy, made when it is missing."""
        modules = sorted(modules)
        key = cache.digest(self.source.version, *modules, str(demo))
        name = f"template_{key}"
        if not self.databases.exists(name):
            with cache.lock(name):
                if not self.databases.exists(name):
                    part = f"{name}_part"
                    self.databases.drop(part)
                    self.install(part, modules, stock=True, demo=demo)
                    self.databases.rename(part, name)
        return name

    def create(self, database, modules, stock=False, demo=False):
        """Create ``database`` with Odoo's ``modules`` and this addon.

        :param stock: leave the addon out
        """
        template = self.template(modules, demo)
        with console.step(f"Copying {template} to {database}"):
            self.databases.copy(template, database)
        if stock:
            return
        try:
            self.install(database, [addon.NAME], demo=demo)
        except BaseException:
            self.databases.drop(database)
            raise
        self.databases.note(database, addon=addon.fingerprint())

    @contextmanager
    def throwaway(self, purpose):
        """Have the name of a database that is dropped when the block ends."""
        self._drop_left_over()
        name = f"{self._throwaway_prefix()}{os.getpid()}_{purpose}"
        try:
            yield name
        finally:
            self.databases.drop(name)

    def _drop_left_over(self):
        """Drop what commands that were killed have left."""
        prefix = self._throwaway_prefix()
        for name in self.databases.names(prefix):
            process_id = name.removeprefix(prefix).partition("_")[0]
            if not cache.is_locked(_process_lock(process_id)):
                self.databases.drop(name)

    @staticmethod
    def _throwaway_prefix():
        # The server may be one that others use with a cache of their own.
        return f"throwaway_{cache.digest(str(cache.folder()))}_"

    def refresh(self, database):
        """Update the addon in ``database`` when its files changed since."""
        fingerprint = addon.fingerprint()
        if self.databases.notes(database).get("addon") != fingerprint:
            self.install(database, [addon.NAME], update=True)
            self.databases.note(database, addon=fingerprint)


def _process_lock(process_id):
    return f"process-{process_id}"
