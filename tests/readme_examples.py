"""The code that README.rst shows, so that tests run it as it stands there."""

from functools import cache
from pathlib import Path

from docutils import nodes
from docutils.core import publish_doctree

README = Path(__file__).parents[1] / "README.rst"


@cache
def code_blocks():
    """Return {name: code} of the code blocks that README.rst gives a name."""
    settings = {"report_level": 5, "file_insertion_enabled": False}
    tree = publish_doctree(README.read_text(), settings_overrides=settings)
    return {
        name: block.astext()
        for block in tree.findall(nodes.literal_block)
        for name in block["names"]
    }
