"""What decides is plain Python: it can be read, run and tested without a database.

Beside Python's own library it imports what the manifest names: libraries with the data
that others keep (rules of phone numbers, public suffixes, …), which know nothing of
Odoo either and need nothing else. Numbers and names are read where they are compared,
so that the scan, the form and the tests cannot read them differently.
"""

import ast
import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

from odoo.tests import BaseCase, tagged

ROOT = Path(__file__).parents[1]
ENGINE = ROOT / "engine"
MANIFEST = ast.literal_eval((ROOT / "__manifest__.py").read_text())
#: How the modules of the distributions are called that the manifest names.
LIBRARIES = {
    name.replace("-", "_") for name in MANIFEST["external_dependencies"]["python"]
}


@tagged("post_install", "-at_install")
class TestEngineIsPlain(BaseCase):
    """The folder engine/ knows nothing of Odoo, nor of the folders beside it."""

    def test_no_file_imports_odoo(self):
        """… nor anything else that is neither Python's own nor in the manifest."""
        files = list(ENGINE.rglob("*.py"))
        self.assertTrue(files)
        allowed = LIBRARIES | sys.stdlib_module_names
        for path in files:
            names = self._get_imports(path)
            foreign = [
                name
                for name in names
                if not name.startswith(".") and name.split(".")[0] not in allowed
            ]
            above = "." * (len(path.relative_to(ENGINE).parts) + 1)
            outside = [name for name in names if name.startswith(above)]
            self.assertFalse(foreign + outside, path.name)

    def test_it_runs_where_there_is_no_odoo(self):
        # -I leaves out PYTHONPATH, -S what is installed: only Python's own library, and
        # a folder with the libraries alone
        code = """if True:
            import importlib, pkgutil, sys
            sys.path[:0] = sys.argv[1:]
            import engine
            for found in pkgutil.walk_packages(engine.__path__, "engine."):
                importlib.import_module(found.name)
                print(found.name)
            assert "odoo" not in sys.modules
        """
        with tempfile.TemporaryDirectory() as folder:
            for name in LIBRARIES:
                origin = Path(importlib.util.find_spec(name).origin)
                self.assertEqual(origin.name, "__init__.py")
                (Path(folder) / name).symlink_to(origin.parent)
            done = subprocess.run(
                [sys.executable, "-I", "-S", "-c", code, str(ROOT), folder],
                capture_output=True,
                text=True,
            )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("engine.survivorship", done.stdout.split())

    @staticmethod
    def _get_imports(path):
        """Return the modules that a file imports, with the dots of relative ones."""
        names = []
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names.append("." * node.level + (node.module or ""))
        return names
