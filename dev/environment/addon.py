"""This clone of the addon: its place on the addons path, and whether it changed."""

import hashlib
import os
from pathlib import Path

from . import cache

NAME = "crm_lead_qualification"
ROOT = Path(__file__).resolve().parents[2]
# What a database does not know of.
NOT_INSTALLED = {"benchmarks", "dev", "node_modules", "readme", "tests", "__pycache__"}


def clone_key():
    """Return a short name for this clone, as there may be several."""
    return cache.digest(str(ROOT))


def addons_folder():
    """Return a folder with this clone under the addon's technical name.

    The clone itself may be called anything.
    """
    folder = cache.folder() / "clones" / clone_key() / "addons"
    folder.mkdir(parents=True, exist_ok=True)
    cache.link(folder / NAME, ROOT)
    return folder


def fingerprint():
    """Return a digest of every file that an update would read."""
    digest = hashlib.sha256()
    for parent, folders, files in os.walk(ROOT):
        folders[:] = sorted(
            name
            for name in folders
            if name not in NOT_INSTALLED and not name.startswith(".")
        )
        for name in sorted(files):
            path = Path(parent, name)
            digest.update(str(path.relative_to(ROOT)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
