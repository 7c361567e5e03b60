"""Build the wheel with whool, of the addon alone and under its own name.

whool names the package after the folder, and packs every file of the repository.
This hands it a copy that has the addon's name, whatever the clone is called, and
that leaves out what only contributors use. See PEP 517 for the functions.
"""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from whool import buildapi

NAME = "crm_lead_qualification"
#: What whoever installs the addon has no use for; what begins with a dot goes too.
FOR_CONTRIBUTORS = {"benchmarks", "dev", "readme"}


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    target = Path(wheel_directory).resolve()
    with _copy(_is_installed):
        return buildapi.build_wheel(str(target), config_settings, metadata_directory)


def build_sdist(sdist_directory, config_settings=None):
    target = Path(sdist_directory).resolve()
    with _copy(lambda path: True):
        return buildapi.build_sdist(str(target), config_settings)


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    target = Path(metadata_directory).resolve()
    with _copy(_is_installed):
        return buildapi.prepare_metadata_for_build_wheel(str(target), config_settings)


@contextmanager
def _copy(is_wanted):
    """Work in a copy of the files that ``is_wanted`` accepts, during a block."""
    root = Path.cwd()
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent, NAME)
        for path in filter(is_wanted, _files(root)):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / path, target)
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(root)


def _is_installed(path):
    return path.parts[0] not in FOR_CONTRIBUTORS and not path.parts[0].startswith(".")


def _files(root):
    """Return the paths of the files that git knows; where there is no git, as in a
    source distribution, those of all files but compiled ones."""
    # git refuses to read a clone of somebody else unless told that it is known.
    git = ["git", "-c", f"safe.directory={root}", "ls-files", "-z"]
    if (root / ".git").exists():
        listed = subprocess.run(git, cwd=root, capture_output=True, check=True)
        names = filter(None, listed.stdout.decode().split("\0"))
        return [Path(name) for name in names if (root / name).is_file()]
    return [
        path.relative_to(root)
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
