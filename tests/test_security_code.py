"""What the source itself has to keep to: no SQL from text, nothing callable by RPC that
is not meant to be, nothing shown by the web client that is not escaped."""

import ast
import re
from pathlib import Path

from odoo.tests import TransactionCase, tagged

ROOT = Path(__file__).parents[1]
MODULE = "odoo.addons.crm_lead_qualification."
#: What people and programs may call, besides what core has already.
CALLABLE = {
    "action_apply_and_tell",
    "action_ask_again",
    "action_ask_duplicate_owners",
    "action_ask_owner",
    "action_back_to_lead",
    "action_compare",
    "action_compare_duplicate",
    "action_convert_in_run",
    "action_discard",
    "action_keep_duplicate_separate",
    "action_leave",
    "action_keep_separate",
    "action_merge",
    "action_merge_and_notify",
    "action_merge_customers",
    "action_merge_duplicate",
    "action_open_merge",
    "action_open_merges",
    "action_open",
    "action_open_lead",
    "action_review",
    "action_scan_duplicates",
    "action_start",
    "action_stop",
    "explain",
    "process",
    "action_take",
    "action_undo",
    "resolve",
}

#: The function of `references.catalogue` that takes SQL which PostgreSQL wrote itself.
RAW = "written_by_database"

#: The one place that quotes names of tables, also of those that others have made.
QUOTING = ("table.py", "SQL(in_quotes)")

#: How many lines above the reason may stand.
NEAR = 6


def source_files(pattern="*.py"):
    """Return the files of the addon that run on a server."""
    folders = ("controllers", "engine", "models", "references", "report", "wizards")
    return [ROOT / "hooks.py"] + [
        file for folder in folders for file in sorted((ROOT / folder).rglob(pattern))
    ]


def calls(tree, name):
    """Return the calls of a function or method of that name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            if name == getattr(function, "attr", getattr(function, "id", None)):
                yield node


@tagged("post_install", "-at_install")
class TestSecurityCode(TransactionCase):
    """Read from the source, as a reviewer would."""

    def test_sql_is_written_out_and_never_put_together(self):
        for file in source_files():
            tree = ast.parse(file.read_text())
            raw = [
                call
                for node in ast.walk(tree)
                if isinstance(node, ast.FunctionDef) and node.name == RAW
                for call in calls(node, "SQL")
            ]
            for call in calls(tree, "SQL"):
                if call in raw:
                    continue
                place = f"{file.name}:{call.lineno}"
                if (file.name, ast.unparse(call)) == QUOTING:
                    continue
                self.assertTrue(call.args, place)
                self.assertIsInstance(call.args[0], ast.Constant, place)
            for name in ("execute", "execute_query", "execute_query_dict"):
                for call in calls(tree, name):
                    place = f"{file.name}:{call.lineno}"
                    if call.args[0] in list(calls(tree, "SQL")):
                        continue  # written out, as asked for above
                    for node in ast.walk(call.args[0]):
                        self.assertNotIsInstance(node, ast.JoinedStr, place)
                        self.assertNotIsInstance(node, ast.BinOp, place)
                    self.assertEqual(len(call.args), 1, place)

    def test_each_use_of_more_rights_says_why(self):
        for file in source_files():
            lines = file.read_text().splitlines()
            for number, line in enumerate(lines):
                if not re.search(r"\.sudo\(\)|su=True", line.partition("#")[0]):
                    continue
                start = max(self._find_function(lines, number), number - NEAR)
                said = "\n".join(lines[start : number + 1])
                place = f"{file.name}:{number + 1}"
                self.assertRegex(said, "# .*(sudo|superuser)", place)

    def _find_function(self, lines, number):
        while number and not re.match(r"\s*def ", lines[number]):
            number -= 1
        return number

    def test_nothing_but_what_is_meant_to_be_is_callable(self):
        found = set()
        for model in self.env.registry.values():
            for owner in model.__mro__:
                if not owner.__module__.startswith(MODULE) or "._" in owner.__module__:
                    continue
                if ".tests" in owner.__module__:
                    continue
                for name, value in vars(owner).items():
                    if name.startswith("_") or not callable(value):
                        continue
                    if not self._is_in_core(model, name):
                        found.add(name)
        self.assertFalse(found - CALLABLE)

    def _is_in_core(self, model, name):
        return any(
            name in vars(owner) and not owner.__module__.startswith(MODULE)
            for owner in model.__mro__
        )

    def test_what_the_web_client_shows_is_escaped(self):
        for file in (ROOT / "static" / "src").rglob("*.*"):
            if file.suffix in (".js", ".xml"):
                source = file.read_text()
                unsafe = r"markup\(|innerHTML|t-raw|outerHTML|insertAdjacentHTML|eval\("
                self.assertNotRegex(source, unsafe, file.name)

    def test_templates_escape_what_people_wrote(self):
        views = [*ROOT.glob("views/*.xml"), *ROOT.glob("wizards/*.xml")]
        for file in views:
            self.assertNotRegex(file.read_text(), r"t-raw|Markup\(", file.name)
        for file in source_files():
            self.assertNotRegex(file.read_text(), r"\bMarkup\(", file.name)
