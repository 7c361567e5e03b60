"""A PostgreSQL server for throw-away databases.

In this order: the server that the PG* variables name; the binaries on this
machine; those of a Python wheel. Our own server listens on a unix socket only,
is shared by all commands that run at a time, and is stopped by the last of them.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from . import cache, console, postgres_programs

USER = "odoo"
# A socket's path may have 107 bytes.
LONGEST_FOLDER = 90
# For databases that are made again in a minute, not for data.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
SETTINGS = (
    "listen_addresses=",
    "max_connections=300",
    "shared_buffers=512MB",
    "max_wal_size=4GB",
)


class Cluster:
    """One PostgreSQL server with its data.

    :param folder: where its data are
    :param settings: what the server is told, as ``name=value``
    """

    def __init__(self, folder, settings=SETTINGS + CARELESS):
        self.folder = folder
        self.settings = settings
        self.binaries = postgres_programs.folder()
        self.owner = _owner(folder)
        self.host = str(_socket_folder(folder))

    @property
    def environment(self):
        """What libpq has to be told to reach this server."""
        return {"PGHOST": self.host, "PGUSER": USER, "PGPORT": "5432"}

    @contextmanager
    def running(self):
        """Have the server running, and stop it after its last user.

        Each user holds a shared lock, which the system takes back when a process
        ends in whatever way.
        """
        name = f"postgres-{cache.digest(str(self.folder))}"
        with cache.lock(f"{name}-users", shared=True) as users:
            with cache.lock(name):
                self.start()
            try:
                yield self
            finally:
                with cache.lock(name):
                    if cache.try_lock(users):
                        self.stop()

    def start(self):
        """Start the server, on new data when there are none, unless it runs."""
        self._prepare()
        if self._call("pg_ctl", "status", check=False).returncode == 0:
            return
        log = self.folder / "log"
        options = " ".join(f"-c {setting}" for setting in self.settings)
        options += f" -c unix_socket_directories={self.host}"
        with console.step("Starting PostgreSQL"):
            self._call("pg_ctl", "start", "-w", "-l", log, "-o", options)

    def stop(self, mode="fast"):
        """Stop the server; ``mode`` is what pg_ctl knows, ``immediate`` a crash."""
        self._call("pg_ctl", "stop", "-w", "-m", mode, check=False)

    def _prepare(self):
        if (self.folder / "data").exists():
            return
        for folder in (self.folder, Path(self.host)):
            folder.mkdir(parents=True, exist_ok=True)
            if self.owner:
                shutil.chown(folder, *self.owner)
        part = self.folder / "data.part"
        shutil.rmtree(part, ignore_errors=True)
        with console.step("Creating a PostgreSQL cluster"):
            self._call(
                *("initdb", "-U", USER, "-A", "trust", "-E", "UTF8", "-N"),
                "--locale=C",
                data=part,
            )
        part.rename(self.folder / "data")

    def _call(self, program, *arguments, data=None, check=True):
        command = [self.binaries / program, "-D", data or self.folder / "data"]
        identity = {}
        if self.owner:
            user, group = self.owner
            identity = {"user": user, "group": group, "extra_groups": []}
        done = subprocess.run(
            [*map(str, command), *map(str, arguments)],
            cwd=self.folder,
            # The server outlives this call: it must not hold our output open.
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **identity,
        )
        if check and done.returncode:
            log = self.folder / "log"
            told = log.read_text()[-2000:] if log.exists() else ""
            raise console.Failure(f"PostgreSQL: {program} failed. {log} says:\n{told}")
        return done


class ForeignServer:
    """The server that the PG* variables name; it is neither started nor stopped."""

    environment = {}

    @contextmanager
    def running(self):
        yield self


def find():
    """Return the server to use."""
    if any(os.environ.get(name) for name in ("PGHOST", "PGPORT", "PGSERVICE")):
        return ForeignServer()
    return Cluster(_cluster_folder())


def _cluster_folder():
    """Return the folder of the usual data, others if another version made those."""
    usual = cache.open_folder() / "postgres"
    version = usual / "data" / "PG_VERSION"
    major = postgres_programs.major_version()
    if version.exists() and version.read_text().strip() != major:
        return usual.with_name(f"postgres-{major}")
    return usual


def _owner(folder):
    """Return the user and group to run the server as, None for oneself.

    PostgreSQL refuses to run as root.
    """
    if os.geteuid():
        return None
    if folder.exists():
        status = folder.stat()
        return status.st_uid, status.st_gid
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return user.pw_uid, user.pw_gid
    raise console.Failure("There is no user “nobody” to run PostgreSQL as.")


def _socket_folder(folder):
    path = folder / "socket"
    if len(str(path)) <= LONGEST_FOLDER:
        return path
    name = f"{cache.NAME}-{os.geteuid()}-{cache.digest(str(folder))}"
    return cache.private_folder(Path(tempfile.gettempdir(), name))
