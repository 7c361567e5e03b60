"""Scratch databases, with this addon and without it, open in one process."""

import ast
import importlib
import os
import sys
import threading
from contextlib import ExitStack, contextmanager

from environment import addon

from . import mail_server


class Bench:
    """The ``environment`` of a benchmark's ``main(argv, environment)``.

    One process has both kinds of databases open, so that stock and addon are
    measured in one run. The addon is on the addons path throughout; a database
    where it is not installed never loads it, and is stock.

    :param installation: see :mod:`environment.installation`
    """

    def __init__(self, installation):
        self.installation = installation
        self._cleanup = ExitStack()
        self._import_odoo()

    def _import_odoo(self):
        variables = self.installation.environment()
        paths = [variables["PYTHONPATH"], str(self.installation.packages.site_packages)]
        sys.path[:0] = paths
        os.environ.update(variables)
        import odoo.modules.registry
        import odoo.tools

        # Only what is worth seeing among measurements.
        odoo.tools.config.parse_config(["--log-level=error"], setup_logging=True)

    def create_database(self, name, modules=("crm",), addon=True, demo=False):
        """Return the name of a new database, dropped when the benchmark ends.

        :param name: what it is for; other runs may use the same
        :param modules: Odoo's modules in it
        :param addon: whether this addon is installed too
        :param demo: whether there are demo data
        """
        database = self._cleanup.enter_context(
            self.installation.throwaway(f"bench_{name}")
        )
        self._cleanup.callback(self._close, database)
        self.installation.create(database, modules, stock=not addon, demo=demo)
        return database

    @staticmethod
    def mail_server():
        """Have a mail server: see :func:`.mail_server.running`."""
        return mail_server.running()

    def drop(self, database):
        """Drop ``database`` before the benchmark ends."""
        self._close(database)
        self.installation.databases.drop(database)

    def drop_all(self):
        """Drop every database that was created here."""
        self._cleanup.close()

    @staticmethod
    def _close(database):
        import odoo.sql_db
        from odoo.modules.registry import Registry

        Registry.delete(database)
        odoo.sql_db.close_db(database)

    @contextmanager
    def open(self, database):
        """Have an ``odoo.api.Environment`` of the superuser on ``database``.

        Nothing is committed but by ``env.cr.commit()``.
        """
        import odoo.api
        from odoo.modules.registry import Registry

        threading.current_thread().dbname = database
        with Registry(database).cursor() as cursor:
            try:
                yield odoo.api.Environment(cursor, odoo.api.SUPERUSER_ID, {})
            finally:
                cursor.rollback()


def names():
    """Return the benchmarks there are, with what each says of itself."""
    paths = sorted((addon.ROOT / "benchmarks").glob("*.py"))
    return {
        path.stem: ast.get_docstring(ast.parse(path.read_text())).splitlines()[0]
        for path in paths
        if not path.stem.startswith("_")
    }


def load(name):
    """Return the module of the benchmark ``name``."""
    # At the end: the addon's folders may not hide anybody else's packages.
    sys.path.append(str(addon.ROOT))
    return importlib.import_module(f"benchmarks.{name}")
