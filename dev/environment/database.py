"""Databases: made, copied, remembered and dropped, with their filestore.

What we know of a database is kept as PostgreSQL's comment on it, so that it goes
when the database goes.
"""

import json
import os
import shutil
import sys
from contextlib import closing

from .console import Failure


class Databases:
    """The databases of one PostgreSQL server.

    :param server: see :mod:`.postgres`
    :param packages: the Python packages, psycopg2 among them
    :param data: Odoo's data folder
    """

    def __init__(self, server, packages, data):
        self.server = server
        self.filestores = data / "filestore"
        self._packages = packages

    def execute(self, query, parameters=(), database="postgres"):
        """Run one statement and return its rows, if it has any."""
        with closing(self._connect(database)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(query, parameters)
                return cursor.fetchall() if cursor.description else []

    def _connect(self, database):
        if str(self._packages.site_packages) not in sys.path:
            sys.path.append(str(self._packages.site_packages))
        import psycopg2

        names = {"PGHOST": "host", "PGUSER": "user", "PGPORT": "port"}
        told = self.server.environment.items()
        options = {names[name]: value for name, value in told}
        try:
            return psycopg2.connect(dbname=database, **options)
        except psycopg2.OperationalError as error:
            raise Failure(f"PostgreSQL does not answer: {error}") from error

    def exists(self, name):
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        return bool(self.execute(query, [name]))

    def names(self, prefix):
        """Return the names of the databases that begin with ``prefix``."""
        query = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
        return [name for (name,) in self.execute(query, [prefix])]

    def copy(self, source, name):
        """Make ``name`` a copy of ``source``, which nobody is connected to."""
        self.execute(
            f"CREATE DATABASE {quoted(name)} TEMPLATE {quoted(source)}"
            + (" STRATEGY file_copy" if self._has_strategies() else "")
        )
        if (self.filestores / source).exists():
            # Odoo never writes to a file of the store again: links are enough.
            shutil.copytree(
                self.filestores / source,
                self.filestores / name,
                copy_function=_hard_link,
                dirs_exist_ok=True,
            )

    def _has_strategies(self):
        [(version,)] = self.execute("SHOW server_version_num")
        return int(version) >= 150000

    def rename(self, name, new_name):
        self.execute(f"ALTER DATABASE {quoted(name)} RENAME TO {quoted(new_name)}")
        if (self.filestores / name).exists():
            # what a database of that name left, on a server that is gone
            shutil.rmtree(self.filestores / new_name, ignore_errors=True)
            (self.filestores / name).replace(self.filestores / new_name)

    def drop(self, name):
        """Drop ``name`` with its filestore, whoever is connected to it."""
        self.execute(f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)")
        shutil.rmtree(self.filestores / name, ignore_errors=True)

    def notes(self, name):
        """Return what :meth:`note` has kept of ``name``."""
        rows = self.execute(
            "SELECT shobj_description(oid, 'pg_database')"
            " FROM pg_database WHERE datname = %s",
            [name],
        )
        try:
            return json.loads(rows[0][0])
        except (IndexError, TypeError, ValueError):
            return {}

    def note(self, name, **notes):
        """Keep ``notes`` with the database, besides those there are."""
        text = json.dumps({**self.notes(name), **notes})
        self.execute(f"COMMENT ON DATABASE {quoted(name)} IS %s", [text])


def quoted(name):
    """Return ``name`` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _hard_link(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
