"""Odoo's own source, series 19.0.

In this order: ``$ODOO_SRC``, an importable ``odoo`` of the series, the package
``odoo-19`` of Debian's unstable suite (unpacked, not installed), a shallow clone
of Odoo's own repository.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import apt, cache
from .console import Failure

SERIES = "19.0"
REPOSITORY = "https://github.com/odoo/odoo.git"
PACKAGES = ("odoo-19", "libjs-jquery", "fonts-roboto-unhinted", "fonts-montserrat")
# Two-letter languages whose translations stay: those of the addon itself.
LANGUAGES = ("fr", "de", "es", "nl")
LEFT_OUT = (
    "./etc",
    "./usr/share/doc",
    "./usr/lib/python3/dist-packages/addons",
)


@dataclass(frozen=True)
class OdooSource:
    """A copy of Odoo on this machine.

    ``path`` goes on PYTHONPATH, ``addons`` on the addons path, ``version`` tells
    one copy from another.
    """

    path: Path
    addons: tuple
    version: str


def find():
    """Return the Odoo to use, fetched when this machine has none."""
    if chosen := os.environ.get("ODOO_SRC"):
        if source := _of_package(Path(chosen, "odoo")):
            return source
        raise Failure(f"ODOO_SRC={chosen} is no Odoo {SERIES}: unset or correct it.")
    spec = importlib.util.find_spec("odoo")
    for location in (spec and spec.submodule_search_locations) or ():
        if source := _of_package(Path(location)):
            return source
    path = cache.folder() / "odoo" / SERIES
    return _of_package(cache.built(path, _fetch, f"Fetching Odoo {SERIES}") / "odoo")


def _of_package(package):
    """Return the source whose Python package is ``package``, None if it is none."""
    package = package.resolve()
    release = package / "release.py"
    if not release.is_file() or _series(release) != SERIES:
        return None
    addons = (package / "addons", package.parent / "addons")
    version = cache.digest(str(package), str(release.stat().st_mtime_ns))
    return OdooSource(
        path=_alone_on_path(package, version),
        addons=tuple(str(path) for path in addons if (path / "web").is_dir()),
        version=version,
    )


def _series(release):
    match = re.search(r"version_info = \((\d+), (\d+),", release.read_text())
    return match and ".".join(match.groups())


def _alone_on_path(package, version):
    """Return a folder with ``package`` alone: its neighbours may hide our packages."""
    folder = cache.folder() / "odoo" / f"path-{version}"
    folder.mkdir(parents=True, exist_ok=True)
    cache.link(folder / "odoo", package)
    return folder


def _fetch(folder):
    if apt.Apt.is_available():
        try:
            return _fetch_from_debian(folder)
        except Failure as failure:
            reason = f"Debian's package odoo-19 could not be had. {failure}"
            shutil.rmtree(folder)
    else:
        reason = "This machine has no apt-get to fetch Debian's package odoo-19."
    try:
        return _fetch_from_repository(folder)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Failure(
            f"{reason}\nCloning {REPOSITORY} failed as well: {error}\n"
            f"Set ODOO_SRC to the folder of an Odoo {SERIES} you have."
        ) from error


def _fetch_from_repository(folder):
    command = ["git", "clone", "--quiet", "--depth=1", f"--branch={SERIES}"]
    subprocess.run([*command, REPOSITORY, folder], check=True)


def _fetch_from_debian(folder):
    private = apt.Apt(folder / "apt", suite="sid")
    private.update()
    tree = folder / "tree"
    tree.mkdir()
    options = [f"--exclude={path}" for path in (*LEFT_OUT, *_other_languages())]
    for package in private.download(*PACKAGES):
        apt.unpack(package, tree, options)
    _mend(tree)
    (folder / "odoo").symlink_to("tree/usr/lib/python3/dist-packages/odoo")
    shutil.rmtree(folder / "apt")


def _other_languages():
    """Return what matches the translations into languages nobody here reads.

    They are three quarters of the package, and slow to unpack.
    """
    second_letters = {}
    for first, second in LANGUAGES:
        second_letters[first] = second_letters.get(first, "") + second
    names = [f"{first}[!{second}]" for first, second in second_letters.items()]
    names += [f"[!{''.join(second_letters)}]?", "??[!.]*"]
    return [f"*/i18n/{name}.po" for name in names]


def _mend(tree):
    """Repair what only Debian's dependencies or build would have put in place."""
    addons = tree / "usr/lib/python3/dist-packages/odoo/addons"
    # Debian leaves this library out; the web client logs an error without it.
    library = addons / "mail/static/lib/selfie_segmentation/selfie_segmentation.js"
    library.parent.mkdir(parents=True, exist_ok=True)
    library.write_text("// Left out by Debian.\n")
    # A dangling link breaks the globbing of assets.
    for parent, folders, files in os.walk(addons):
        for name in folders + files:
            path = Path(parent, name)
            if path.is_symlink() and not path.exists():
                path.unlink()
    if not (addons / "web/static/lib/jquery/jquery.js").exists():
        raise Failure("Debian's libjs-jquery has no jquery.js for Odoo's web client.")
