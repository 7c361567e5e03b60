"""Where everything that was fetched or built is kept: outside the repository.

The folder is ``$CRM_LEAD_QUALIFICATION_CACHE``, else ``crm_lead_qualification``
in ``$XDG_CACHE_HOME``, else in ``~/.cache`` (``/var/cache`` for root, whose home
the user that PostgreSQL runs as may not enter). It may be deleted at any time.
"""

import fcntl
import hashlib
import os
import shutil
import stat
import time
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from . import console

NAME = "crm_lead_qualification"
VARIABLE = "CRM_LEAD_QUALIFICATION_CACHE"


@lru_cache(1)
def folder():
    """Return the cache folder, made when it is missing."""
    path = _chosen_folder().expanduser().absolute()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise console.Failure(
            f"The cache folder {path} cannot be made ({error.strerror}): "
            f"set {VARIABLE} to a folder you may write to."
        ) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise console.Failure(
            f"The cache folder {path} belongs to somebody else: "
            f"set {VARIABLE} to a folder of your own."
        )
    return path


def _chosen_folder():
    if chosen := os.environ.get(VARIABLE):
        return Path(chosen)
    if base := os.environ.get("XDG_CACHE_HOME"):
        return Path(base, NAME)
    return Path("/var/cache" if os.geteuid() == 0 else "~/.cache", NAME)


@lru_cache(1)
def open_folder():
    """Return a folder that every user may enter, for what another user runs.

    It is the cache folder unless one of its parents is closed to others.
    """
    parents = [folder(), *folder().parents]
    if all(parent.stat().st_mode & stat.S_IXOTH for parent in parents):
        return folder()
    path = Path("/var/tmp", f"{NAME}-{os.geteuid()}-{digest(str(folder()))}")
    return private_folder(path)


def private_folder(path):
    """Make ``path`` in a folder that others write to, refusing a stranger's."""
    path.mkdir(mode=0o755, exist_ok=True)
    if path.is_symlink() or path.stat().st_uid != os.geteuid():
        raise console.Failure(f"{path} belongs to somebody else: set {VARIABLE}.")
    return path


def digest(*texts):
    """Return a short name for ``texts``, the same on every run."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]


@contextmanager
def lock(name, shared=False):
    """Hold the lock ``name`` against every other command on this machine.

    The system releases it when the process ends, in whatever way.
    """
    path = folder() / "locks" / name
    path.parent.mkdir(exist_ok=True)
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    with path.open("w") as handle:
        for _attempt in range(10):
            if try_lock(handle, kind):
                break
            time.sleep(0.1)
        else:
            console.say(f"… Waiting for another command to finish with “{name}”")
            fcntl.flock(handle, kind)
        yield handle


def try_lock(handle, kind=fcntl.LOCK_EX):
    """Lock the open file ``handle`` unless somebody else holds it; say whether."""
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_locked(name):
    """Return whether somebody holds the lock ``name``."""
    with (folder() / "locks" / name).open("a") as handle:
        return not try_lock(handle)


def built(path, build, text):
    """Return ``path``, built by ``build(temporary path)`` when it is missing.

    The folder appears whole or not at all, whatever interrupts the building.
    """
    if path.exists():
        return path
    with lock(f"{path.parent.name}-{path.name}"):
        if path.exists():
            return path
        part = path.with_name(f"{path.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        with console.step(text):
            build(part)
        part.rename(path)
    return path


def link(path, target):
    """Make ``path`` a link to ``target``, even while others follow it."""
    if path.is_symlink() and os.readlink(path) == str(target):
        return
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.symlink_to(target)
    fresh.replace(path)
