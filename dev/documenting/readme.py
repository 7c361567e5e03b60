"""README.rst, put together from the fragments in readme/.

Fragments have the names that the Odoo Community Association gives them, and a few more;
its own generator cannot be had from the package index.
"""

import ast
import re

from environment import addon
from environment.console import Failure

FOLDER = addon.ROOT / "readme"
TARGET = addon.ROOT / "README.rst"
#: (fragment, heading): in the order in which they are read; what comes first has none.
SECTIONS = (
    ("DESCRIPTION", ""),
    ("INSTALL", "Try it, install it"),
    ("PROMISES", "The promises"),
    ("FIGURES", "Figures"),
    ("CONFIGURE", "Configuration"),
    ("USAGE", "Usage"),
    ("API", "From other programs"),
    ("DEVELOP", "For developers"),
    ("ROADMAP", "Limits"),
    ("HISTORY", "History"),
    ("CONTRIBUTORS", "Credits"),
)
NEWS = FOLDER / "newsfragments"
#: The ending of a news fragment, and how its entries are introduced.
KINDS = {"feature": "New", "bugfix": "Mended", "misc": "Other"}
HEADER = """\
.. Put together from readme/ by ./dev/readme: change the fragments there.

"""
# ``models/team/crm_lead.py`` and the like: a file or a folder of this repository.
PATH = re.compile(r"``((?:\./)?[\w.-]+/[\w./-]*|[\w-]+\.(?:py|rst|toml))``")
# {tests P9}: the files with tests that carry this number.
TESTS = re.compile(r"\{tests (\w+)\}")
# What looks like one, and is not.
NOT_OURS = ("/", "odoo/", "crm/")


def build():
    """Return the text of README.rst."""
    title = _underlined(manifest()["name"], "=", over=True)
    return f"{HEADER}{title}\n{join(SECTIONS)}"


def join(sections):
    """Return the text of fragments, each under its heading.

    :param sections: as SECTIONS
    """
    parts = []
    for name, heading in sections:
        text = (FOLDER / f"{name}.rst").read_text().strip("\n")
        text = TESTS.sub(lambda found: tests_of(found[1]), text)
        if name == "HISTORY":
            text = f"{news()}\n{text}".strip("\n")
        if heading:
            parts.append(_underlined(heading, "="))
        parts.append(f"{text}\n")
    return "\n".join(parts)


def manifest():
    return ast.literal_eval((addon.ROOT / "__manifest__.py").read_text())


def tests_of(number):
    """Return the files with tests that have a promise's number in their names.

    :param str number: such as P9, for ``test_p9_first_created_survives``
    :raise Failure: if there is none
    """
    carrying = re.compile(rf"def test_(?:\w+_)?{number.lower()}_")
    files = sorted((addon.ROOT / "tests").glob("test_*.py"))
    names = [path.name for path in files if carrying.search(path.read_text())]
    if not names:
        raise Failure(f"No test in tests/ is called test_{number.lower()}_…")
    return ", ".join(f"``tests/{name}``" for name in names)


def news(heading="Next: {version}"):
    """Return what the news fragments say, or nothing when there are none."""
    entries = []
    for path in _news_fragments():
        kind = path.suffixes[-2].removeprefix(".")
        if kind not in KINDS:
            raise Failure(f"{path.name}: end it with .{', .'.join(KINDS)} and .rst")
        entries.append((list(KINDS).index(kind), path.name, KINDS[kind], path))
    if not entries:
        return ""
    lines = [_underlined(heading.format(version=manifest()["version"]), "-")]
    for _order, _name, label, path in sorted(entries):
        text = path.read_text().strip().replace("\n", "\n  ")
        lines.append(f"- *{label}:* {text}")
    return "\n".join([*lines, ""])


def release(date):
    """Move the news fragments to the history, under the version of the manifest.

    :param str date: when it is released, as in 2026-12-01
    """
    history = FOLDER / "HISTORY.rst"
    told = news(f"{{version}} ({date})")
    if not told:
        raise Failure(f"There is no news to release in {NEWS}.")
    history.write_text(f"{told}\n{history.read_text()}")
    for path in _news_fragments():
        path.unlink()


def missing_paths(text):
    """Return the files and folders that ``text`` names and that are not there."""
    named = sorted(set(PATH.findall(text)))
    return [
        path
        for path in named
        if not path.startswith(NOT_OURS) and not (addon.ROOT / path).exists()
    ]


def missing_pictures(text):
    """Return the pictures that ``text`` shows and that are not there."""
    pictures = re.findall(r"\.\. (?:figure|image):: (\S+)", text)
    return [path for path in pictures if not (addon.ROOT / path).exists()]


def _news_fragments():
    return sorted(NEWS.glob("*.*.rst"))


def _underlined(text, character, over=False):
    line = character * len(text)
    return f"{line}\n{text}\n{line}\n" if over else f"{text}\n{line}\n"
