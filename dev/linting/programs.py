"""The linters: which files each reads, how it checks them and how it mends them."""

import subprocess
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from environment import addon, node
from environment.python_packages import Packages

HERE = Path(__file__).parent
COMMANDS = (
    "dev/bench",
    "dev/lint",
    "dev/odoo",
    "dev/readme",
    "dev/run",
    "dev/screenshots",
    "dev/test",
    "dev/translate",
)
PYTHON = ("*.py", *COMMANDS)


@dataclass(frozen=True)
class Program:
    """One linter.

    ``patterns`` are its files as git names them, ``check`` and ``fix`` the
    arguments that go before them; it mends nothing when ``fix`` is empty.
    """

    name: str
    patterns: tuple
    settings: tuple
    check: list
    fix: list = field(default_factory=list)
    environment: dict = field(default_factory=dict)

    def files(self):
        """Return the files to read, new ones too, by their path in the repository."""
        return _listed(self.patterns)

    def settings_files(self):
        """Return the files that decide what it says of the others."""
        return _listed(self.settings) if self.settings else []


def _listed(patterns):
    # git refuses to read a clone of somebody else unless told that it is known.
    git = ["git", "-c", f"safe.directory={addon.ROOT}", "ls-files"]
    options = ["--cached", "--others", "--exclude-standard"]
    done = subprocess.run(
        [*git, *options, "--", *patterns],
        cwd=addon.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = sorted(set(done.stdout.splitlines()))
    return [path for path in paths if (addon.ROOT / path).is_file()]


@lru_cache(1)
def all_programs():
    """Return every linter, installed when missing."""
    python = Packages("requirements-lint.txt").ensure().program
    modules = node.modules()
    on_node = {**node.environment(), "NODE_PATH": str(modules)}
    ruff, pylint = python("ruff"), python("pylint")
    eslint, prettier = (str(modules / ".bin" / name) for name in ("eslint", "prettier"))
    plugin = f"--plugin={modules / '@prettier/plugin-xml/src/plugin.js'}"
    eslint_settings = HERE / "eslint.config.cjs"
    readme = HERE.parent / "readme"
    scripts = ("static/src/**.js", "static/tests/**.js")
    return [
        Program(
            "ruff check",
            PYTHON,
            ("pyproject.toml",),
            check=[ruff, "check", "--quiet"],
            fix=[ruff, "check", "--quiet", "--fix"],
        ),
        Program(
            "ruff format",
            PYTHON,
            ("pyproject.toml",),
            check=[ruff, "format", "--quiet", "--diff"],
            fix=[ruff, "format", "--quiet"],
        ),
        Program(
            "pylint-odoo",
            ("*.py", ":!dev", ":!benchmarks"),
            ("pyproject.toml", "*.rst", "*.xml", "*.csv", "*.po"),
            check=[pylint, "--score=no"],
        ),
        Program(
            "prettier",
            ("*.xml", "*.js", "*.cjs", "*.scss", ":!static/lib"),
            (".prettierrc",),
            check=[prettier, plugin, "--log-level=warn", "--check"],
            fix=[prettier, plugin, "--log-level=warn", "--write"],
            environment=on_node,
        ),
        Program(
            "eslint",
            scripts,
            ("dev/linting/eslint.config.cjs",),
            check=[eslint, f"--config={eslint_settings}"],
            fix=[eslint, f"--config={eslint_settings}", "--fix"],
            environment=on_node,
        ),
        Program(
            # which names files of all kinds
            "README.rst",
            ("*.rst", "*.html", "*.py", "*.xml", "*.js", "*.toml", *COMMANDS),
            (),
            check=[sys.executable, str(readme), "--check"],
            fix=[sys.executable, str(readme)],
        ),
        Program(
            "docutils",
            ("README.rst",),
            (),
            check=[python("docutils"), "--report=2", "--halt=2", "--writer=null"],
        ),
    ]
