"""static/description/index.html: what Odoo's Apps menu shows of the addon.

Without it Odoo shows all of README.rst, and none of its pictures.
"""

import subprocess

from environment import addon
from environment.console import Failure
from environment.python_packages import Packages

from . import readme

TARGET = addon.ROOT / "static" / "description" / "index.html"
#: What those need to know who decide on installing it.
SECTIONS = (
    ("DESCRIPTION", ""),
    ("CONFIGURE", "Configuration"),
    ("USAGE", "Usage"),
    ("ROADMAP", "Limits"),
)
CONVERT = """if True:
    import sys
    from docutils.core import publish_parts

    settings = {"initial_header_level": 2, "doctitle_xform": False, "report_level": 2,
                "halt_level": 2, "output_encoding": "unicode"}
    text = sys.stdin.read()
    print(publish_parts(text, writer="html5", settings_overrides=settings)["body"])
"""


def build():
    """Return the text of index.html."""
    python = Packages("requirements-lint.txt").ensure().program("python")
    done = subprocess.run(
        [python, "-c", CONVERT],
        input=readme.join(SECTIONS),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Failure(f"docutils cannot read the fragments:\n{done.stderr}")
    # Odoo looks for pictures beside the file.
    body = done.stdout.replace('src="static/description/', 'src="')
    return f"<section>\n{body}</section>\n"
