"""A text of a million letters takes no more than its length: whatever visitors type,
nobody waits for it."""

import ast
import importlib
import inspect
import pkgutil
import re

from odoo.tests import BaseCase, TransactionCase, tagged
from odoo.tools import SQL, is_html_empty, plaintext2html

import odoo.addons.crm_lead_qualification as addon

from ..engine import contact, limits, normalize, phones, survivorship
from ..engine.matching import address, blocking, frequency, names, profile, scoring
from ..models.common import typed_text
from ..references.python_text import mentions
from .hostile import FAMILIES, find_growing, make_text
from .test_security_code import ROOT, source_files

#: What Odoo reads in texts, which only `models/common/typed_text.py` may hand them to.
READERS = re.compile(r"email_|html2|html_|plaintext|parse_contact|single_email")
#: Those of them that go through a text once, see below.
PLAIN_READERS = {"is_html_empty", "plaintext2html"}
#: Files whose SQL has regular expressions, each of which is timed below, but for those
#: that look at the beginning of a text only, or at what nobody typed.
WITH_PATTERNS_IN_SQL = {
    "references/catalogue.py",
    "models/journal/crm_lead_journal.py",
    "models/merge/texts.py",
    "models/journal/restore.py",
}
#: Files that put regular expressions together, each of which is timed below.
WITH_PATTERNS_MADE = {"python_text.py"}
#: Fields of `profile.build` that hold one text, and several.
TEXTS = "email phone website vat street street2 zip city state country".split()
LISTS = "persons companies".split()


def patterns():
    """Return {name: regular expression} of all constants of the addon's modules."""
    found = {}
    for name in ("engine", "references", "models", "wizards", "controllers", "report"):
        package = importlib.import_module(f"{addon.__name__}.{name}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for member, value in vars(importlib.import_module(module.name)).items():
                for pattern in _patterns_in(value):
                    found[f"{module.name}.{member}: {pattern.pattern}"] = pattern
    return found


def _patterns_in(value):
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from _patterns_in(list(value.items()))
    elif isinstance(value, (list, tuple, set, frozenset)):
        for part in value:
            yield from _patterns_in(part)


def functions_of(module):
    """Return {name: function} of the public functions that a module defines."""
    return {
        name: value
        for name, value in vars(module).items()
        if inspect.isfunction(value)
        and value.__module__ == module.__name__
        and not name.startswith("_")
    }


def try_all(pattern):
    """Return a function that uses a regular expression in each way there is."""

    def search(text):
        for _match in pattern.finditer(text):
            pass
        pattern.match(text)
        pattern.fullmatch(text)

    return search


@tagged("post_install", "-at_install")
class TestHostileText(BaseCase):
    """Every regular expression, and every function that reads what people typed."""

    def assert_linear(self, name, function):
        for family in FAMILIES:
            with self.subTest(name, family=family):
                self.assertIsNone(find_growing(function, family))

    def test_regular_expressions_are_constants_so_that_all_of_them_are_tried(self):
        for file in source_files():
            if file.name in WITH_PATTERNS_MADE:
                continue
            tree = ast.parse(file.read_text())
            inside = {
                call
                for function in ast.walk(tree)
                if isinstance(function, (ast.FunctionDef, ast.Lambda))
                for call in ast.walk(function)
            }
            for node in ast.walk(tree):
                place = f"{file.name}:{getattr(node, 'lineno', 0)}"
                if isinstance(node, ast.ImportFrom) and node.module == "re":
                    self.fail(f"{place} write re.compile")
                if not isinstance(node, ast.Attribute):
                    continue
                if getattr(node.value, "id", "") != "re" or node.attr.isupper():
                    continue
                self.assertEqual(node.attr, "compile", place)
                self.assertNotIn(node, inside, place)

    def test_regular_expressions_that_are_put_together(self):
        self.assert_linear(
            "mentions", lambda text: mentions(text, [1, 22], ["crm.lead", "a"])
        )

    def test_each_regular_expression(self):
        found = patterns()
        self.assertGreater(len(found), 20)
        for name, pattern in found.items():
            self.assert_linear(name, try_all(pattern))

    def test_texts_are_handed_to_odoo_where_they_are_cut(self):
        for file in source_files():
            if file.name == "typed_text.py":
                continue
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.ImportFrom) and not node.level:
                    taken = {alias.name for alias in node.names}
                    readers = {name for name in taken if READERS.search(name)}
                    self.assertFalse(readers - PLAIN_READERS, file.name)
                    self.assertNotEqual(node.module, "odoo.tools.mail", file.name)
                    self.assertFalse(
                        node.module == "odoo.tools" and "mail" in taken, file.name
                    )

    def test_the_browser_has_no_regular_expression(self):
        for file in (ROOT / "static" / "src").rglob("*.js"):
            source = re.sub(r"//.*|/\*.*?\*/", "", file.read_text(), flags=re.DOTALL)
            self.assertNotRegex(
                source, r"RegExp|\.(match|matchAll|search|test|exec)\(|[(=,:]\s*/[^/*]"
            )

    def test_what_odoo_reads(self):
        functions = functions_of(typed_text)
        self.assertGreater(len(functions), 4)
        plain = {"is_html_empty": is_html_empty, "plaintext2html": plaintext2html}
        for name, function in {**functions, **plain}.items():
            self.assert_linear(name, function)

    def test_what_is_compared(self):
        for module in (address, contact, names, normalize, limits, phones):
            for name, function in functions_of(module).items():
                if len(inspect.signature(function).parameters) == 1 and name != (
                    "acronym"
                ):
                    self.assert_linear(name, function)
        self.assert_linear(
            "unite_texts",
            lambda text: survivorship.unite_texts(
                {1: text, 2: text}, typed_text.split_addresses, ", "
            ),
        )

    def test_profiles_keys_and_scores_of_two_such_leads(self):
        def compare(text):
            one, other = (
                profile.build(
                    {
                        **dict.fromkeys(TEXTS, said),
                        **dict.fromkeys(LISTS, [said] * 2),
                        "phone_country": "BE",
                    }
                )
                for said in (text, f"b{text}")
            )
            profile.decode(profile.encode(one))
            blocking.keys(one)
            frequency.terms(one)
            scoring.compare(one, other, frequency.Frequencies(1_000))

        self.assert_linear("compare", compare)

    def test_profile_of_such_a_lead_fits_an_index(self):
        for family in FAMILIES:
            text = make_text(family, 10_000)
            made = profile.build(
                {**dict.fromkeys(TEXTS, text), **dict.fromkeys(LISTS, [text])}
            )
            for term in frequency.terms(made):
                self.assertLess(len(term.encode()), 2_700, family)


@tagged("post_install", "-at_install")
class TestHostileTextInSql(TransactionCase):
    """Regular expressions that the database applies to snapshots."""

    def test_patterns_are_where_they_are_timed(self):
        found = {
            str(file.relative_to(ROOT))
            for file in source_files()
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.search(r"\bregexp_|\bSIMILAR TO\b|\W!?~\*?\s", node.value)
        }
        self.assertEqual(found, WITH_PATTERNS_IN_SQL)

    def test_addresses_in_a_snapshot(self):
        for family in FAMILIES:
            with self.subTest(family):
                grows = find_growing(self._search, family, lambda run, text: run(text))
                self.assertIsNone(grows)

    def test_numbers_in_a_text(self):
        """As `models.merge.texts.find_texts` looks for them."""
        for family in FAMILIES:
            with self.subTest(family):
                grows = find_growing(self._match, family, lambda run, text: run(text))
                self.assertIsNone(grows)

    def _match(self, text):
        [(begin, _found, end)] = self.env.execute_query(
            SQL(
                "SELECT clock_timestamp(), %s::text ~ %s, clock_timestamp()",
                text,
                r"\m(1|22|333)\M",
            )
        )
        return (end - begin).total_seconds()

    def _search(self, text):
        """Return how long the database looks for addresses in a snapshot."""
        [(begin, _found, end)] = self.env.execute_query(
            SQL(
                """SELECT clock_timestamp(), %s, clock_timestamp()
                     FROM (SELECT to_jsonb(%s::text) AS changes) AS line""",
                self.env["crm.lead.journal"]._find_emails(),
                text,
            )
        )
        return (end - begin).total_seconds()
