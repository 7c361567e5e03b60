"""A Chromium for browser tests, and fonts for their screenshots.

In this order: ``$CHROME_BIN``; a browser on this machine; Debian's package with
what it needs, unpacked and not installed.
"""

import os
import shlex
import shutil
import subprocess

from . import apt, cache
from .console import Failure

# The name that Odoo's tests look for first.
NAME = "google-chrome"
NAMES = (NAME, "google-chrome-stable", "chromium", "chromium-browser")
PACKAGES = ("chromium", "fonts-dejavu-core", "fontconfig-config")
ADVICE = (
    "Install Chromium (apt-get install --no-install-recommends chromium) or set "
    "CHROME_BIN to the browser you have."
)
LAUNCHER = """\
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
{variables}exec {program} {flags} "$@"
"""
# A closed network refuses what a browser asks of its maker at every start.
FLAGS = "--disable-component-update --disable-sync --disable-quic"
FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir prefix="relative">tree/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <include ignore_missing="yes">/etc/fonts/conf.d</include>
</fontconfig>
"""
START = "--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --dump-dom"


def folder():
    """Return a folder to put first on PATH, where Odoo finds a browser that starts."""
    path = cache.folder() / "browser" / cache.digest(_chosen() or "unpacked", FLAGS)
    return cache.built(path, _build, "Preparing a browser")


def _chosen():
    """Return the browser that this machine has, None if it has none."""
    if chosen := os.environ.get("CHROME_BIN"):
        if program := shutil.which(chosen):
            return program
        raise Failure(f"CHROME_BIN={chosen} is no program: unset or correct it.")
    return next(filter(None, map(shutil.which, NAMES)), None)


def _build(folder):
    if chosen := _chosen():
        _write_launcher(folder, shlex.quote(chosen))
    elif apt.Apt.is_available():
        _unpack_chromium(folder)
    else:
        raise Failure(f"There is no browser for the browser tests. {ADVICE}")
    _check(folder)


def _unpack_chromium(folder):
    debian = apt.Apt(folder / "apt")
    debian.update()
    tree = folder / "tree"
    tree.mkdir()
    try:
        packages = debian.download_with_dependencies(*PACKAGES)
    except Failure as failure:
        raise Failure(
            f"{failure}\nDebian's Chromium could not be had. {ADVICE}"
        ) from None
    for package in packages:
        apt.unpack(package, tree, ["--exclude=./usr/share/doc"])
    shutil.rmtree(folder / "apt")
    (folder / "fonts.conf").write_text(FONTS)
    libraries = {path.parent.relative_to(folder) for path in tree.rglob("*.so*")}
    _write_launcher(
        folder,
        '"$here"/tree/usr/lib/chromium/chromium',
        LD_LIBRARY_PATH=":".join(f"$here/{path}" for path in sorted(libraries)),
        FONTCONFIG_FILE="$here/fonts.conf",
    )


def _write_launcher(folder, program, **variables):
    assignments = "".join(f'{name}="{value}" ' for name, value in variables.items())
    launcher = folder / NAME
    launcher.write_text(
        LAUNCHER.format(variables=assignments, program=program, flags=FLAGS)
    )
    launcher.chmod(0o755)


def _check(folder):
    done = subprocess.run(
        [folder / NAME, *START.split(), "about:blank"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if "<html>" not in done.stdout:
        raise Failure(f"The browser does not start. {ADVICE}\n{done.stderr}")
