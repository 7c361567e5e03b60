"""Packages of the npm registry, as ``dev/package-lock.json`` names them."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from . import cache
from .console import Failure
from .python_packages import Packages

FOLDER = Path(__file__).parent.parent
FILES = ("package.json", "package-lock.json")
# What eslint asks for.
OLDEST = (20, 19)


def modules():
    """Return the folder of the locked packages, installed when they are missing."""
    locked = [(FOLDER / name).read_text() for name in FILES]
    path = cache.folder() / "node" / cache.digest(*locked)
    return cache.built(path, _install, "Installing npm packages") / "node_modules"


def programs():
    """Return the folder with ``node`` and ``npm``: the machine's if new enough."""
    if node := shutil.which("node"):
        told = subprocess.run([node, "--version"], capture_output=True, text=True)
        version = tuple(map(int, re.findall(r"\d+", told.stdout)[:2]))
        if version >= OLDEST and shutil.which("npm", path=str(Path(node).parent)):
            return Path(node).parent
    return Path(Packages("requirements-node.txt").ensure().program("node")).parent


def _install(folder):
    for name in FILES:
        shutil.copy(FOLDER / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Failure(f"{' '.join(command)} failed:\n{done.stderr}")


def environment():
    """Return the environment variables of a program that runs on node."""
    path = f"{programs()}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path}
