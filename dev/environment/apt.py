"""Debian packages without installing them: downloaded and unpacked, no root needed.

apt-get runs with lists, caches and sources of its own, so that the machine's
stay as they are.
"""

import re
import shutil
import subprocess
from pathlib import Path

from .console import Failure

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
MACHINE_STATUS = "/var/lib/dpkg/status"
OTHER_SUITES = re.compile(r"-(security|updates|backports|proposed)")


class Apt:
    """apt-get with a folder of its own.

    :param folder: where its lists and packages go
    :param suite: a suite of Debian's archive; the machine's own sources if None
    """

    def __init__(self, folder, suite=None):
        self.folder = Path(folder)
        for name in ("lists/partial", "archives/partial"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.options = self._options()
        if suite:
            self.options += self._suite_options(suite)

    @staticmethod
    def is_available():
        return all(map(shutil.which, ("apt-get", "dpkg-deb", "tar")))

    def _options(self):
        return [
            f"Dir::State::Lists={self.folder}/lists",
            f"Dir::Cache={self.folder}",
            "Acquire::Languages=none",
            "APT::Sandbox::User=root",
            # The Release file of a frozen mirror counts as expired.
            "Acquire::Check-Valid-Until=false",
            "Acquire::Check-Date=false",
            "APT::Update::Post-Invoke-Success::=",
            "Debug::NoLocking=true",
        ]

    def _suite_options(self, suite):
        sources = self.folder / f"{suite}.sources"
        sources.write_text(
            f"Types: deb\nURIs: {self._mirror()}\nSuites: {suite}\n"
            f"Components: main\nSigned-By: {KEYRING}\n"
        )
        status = self.folder / "status"
        status.touch()
        return [
            f"Dir::Etc::SourceList={sources}",
            "Dir::Etc::SourceParts=/dev/null",
            "Dir::Etc::Preferences=/dev/null",
            f"Dir::State::status={status}",
        ]

    def _mirror(self):
        """Return the address of the archive this machine gets Debian from."""
        listing = self._run("update", "--print-uris").stdout
        for address, suite in re.findall(r"'(\S+)/dists/([^/']+)", listing):
            if not OTHER_SUITES.search(suite):
                return address
        raise Failure("This machine's package sources name no Debian archive.")

    def update(self):
        self._run("update", check=False)

    def download(self, *packages):
        """Download the newest versions of ``packages`` and return their files."""
        for old in self.folder.glob("*.deb"):
            old.unlink()
        self._run("download", *packages)
        return sorted(self.folder.glob("*.deb"))

    def download_with_dependencies(self, *packages):
        """Download ``packages`` and what they need that this machine lacks."""
        self._run("install", "--download-only", "--no-install-recommends", *packages)
        return sorted(self.folder.glob("archives/*.deb"))

    def _run(self, *arguments, check=True):
        options = [part for option in self.options for part in ("-o", option)]
        done = subprocess.run(
            ["apt-get", "--quiet", "--yes", *options, *arguments],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if check and done.returncode:
            raise Failure(f"apt-get {' '.join(arguments)} failed:\n{done.stderr}")
        return done


def unpack(package, folder, options=()):
    """Unpack the Debian package file ``package`` into ``folder``.

    :param options: what tar is told besides, such as ``--exclude``
    """
    with subprocess.Popen(
        ["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE
    ) as archive:
        tar = ["tar", "-x", "-C", folder, "--no-same-owner", *options]
        unpacked = subprocess.run(tar, stdin=archive.stdout)
    if archive.returncode or unpacked.returncode:
        raise Failure(f"{package} could not be unpacked: is the disk full?")
