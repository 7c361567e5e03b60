"""What decides is plain Python: it can be read, run and tested without a database."""

import ast
import subprocess
import sys
from pathlib import Path

from odoo.tests import BaseCase, tagged

ENGINE = Path(__file__).parents[1] / "engine"


@tagged("post_install", "-at_install")
class TestEngineIsPlain(BaseCase):
    """The folder engine/ knows nothing of Odoo, nor of the folders beside it."""

    def test_no_file_imports_odoo(self):
        files = list(ENGINE.rglob("*.py"))
        self.assertTrue(files)
        for path in files:
            names = self._get_imports(path)
            foreign = [name for name in names if name.split(".")[0] == "odoo"]
            above = "." * (len(path.relative_to(ENGINE).parts) + 1)
            outside = [name for name in names if name.startswith(above)]
            self.assertFalse(foreign + outside, path.name)

    def test_it_runs_where_there_is_no_odoo(self):
        # -I leaves out PYTHONPATH, -S what is installed: only Python's own library
        code = """if True:
            import importlib, pkgutil, sys
            sys.path.insert(0, sys.argv[1])
            import engine
            for found in pkgutil.walk_packages(engine.__path__, "engine."):
                importlib.import_module(found.name)
                print(found.name)
            assert "odoo" not in sys.modules
        """
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", code, str(ENGINE.parent)],
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
