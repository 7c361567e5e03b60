"""The Python packages that Odoo and the tools import.

A virtual environment holds what its lock file names, checked by hashes. ``uv``
installs it, itself brought by pip; where even pip is missing, as on minimal
Debian, Debian's package of it is unpacked.
"""

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from . import apt, cache
from .console import Failure

LOCKS = Path(__file__).parent.parent


class Packages:
    """A virtual environment with exactly what one lock file names.

    :param lock: the lock file's name in ``dev/``
    """

    def __init__(self, lock):
        self.lock = LOCKS / lock
        key = cache.digest(self.lock.read_text(), sys.executable, sys.version)
        self.folder = cache.folder() / "python" / f"{self.lock.stem}-{key}"

    def ensure(self, folder=None):
        """Install the packages when they are missing, and return ``self``.

        :param folder: where to, instead of the usual place
        """
        self.folder = folder / self.folder.name if folder else self.folder
        cache.built(
            self.folder, self._install, f"Installing Python packages: {self.lock.stem}"
        )
        return self

    def program(self, name):
        return str(self.folder / "bin" / name)

    @property
    def site_packages(self):
        return next(self.folder.glob("lib/python*/site-packages"))

    def _install(self, folder):
        # The folder gets its name only when it is whole, hence relocatable.
        uv("venv", "--relocatable", "--python", sys.executable, folder)
        target = ["--python", folder / "bin" / "python"]
        locked = ["--require-hashes", "--no-deps", "--requirements", self.lock]
        uv("pip", "install", *target, *locked)


def uv(*arguments):
    """Run uv, the one on the machine or our own."""
    program = shutil.which("uv") or _own_uv()
    _run([program, "--quiet", *arguments], _as_pip_is_told())


def _own_uv():
    lock = LOCKS / "requirements-uv.txt"
    path = cache.folder() / "python" / f"uv-{cache.digest(lock.read_text())}"

    def install(folder):
        locked = ["--quiet", "--require-hashes", "--no-deps", "--requirement", lock]
        _pip("install", *locked, "--target", folder)

    return cache.built(path, install, "Installing uv") / "bin" / "uv"


def _pip(*arguments):
    environment = {}
    if not importlib.util.find_spec("pip"):
        environment["PYTHONPATH"] = str(_own_pip())
    return _run([sys.executable, "-m", "pip", *arguments], environment)


def _own_pip():
    if not apt.Apt.is_available():
        raise Failure(f"{sys.executable} has no pip, and there is no uv: install one.")

    def fetch(folder):
        debian = apt.Apt(folder / "apt")
        debian.update()
        for package in debian.download("python3-pip"):
            apt.unpack(package, folder)

    path = cache.built(cache.folder() / "python" / "pip", fetch, "Fetching pip")
    return path / "usr/lib/python3/dist-packages"


def _as_pip_is_told():
    """Return what pip is told on this machine, as uv wants to be told: the package
    index, and the certificates by which it is trusted."""
    settings = _pip_settings()
    told = {"UV_DEFAULT_INDEX": settings.get("index-url")}
    if "SSL_CERT_FILE" not in os.environ:
        told["SSL_CERT_FILE"] = settings.get("cert")
    return {name: value for name, value in told.items() if value}


@lru_cache(1)
def _pip_settings():
    """Return pip's settings, from its variables and its files."""
    if not importlib.util.find_spec("pip"):
        return {}
    settings = {}
    # what comes from the environment wins
    for line in sorted(_pip("config", "list").splitlines(), reverse=True):
        name, _equal, value = line.partition("=")
        settings[name.rpartition(".")[2]] = value.strip("'")
    return settings


def _run(command, environment):
    done = subprocess.run(
        list(map(str, command)),
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Failure(f"{shlex.join(done.args)} failed:\n{done.stderr}")
    return done.stdout
