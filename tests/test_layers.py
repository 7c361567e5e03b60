"""Which file may call which: the order of the folders in models/."""

from pathlib import Path

from odoo.tests import BaseCase, tagged

from .layers import Layers, find_circles, folder_of, is_upward

ROOT = Path(__file__).parents[1]
#: How many files of one folder may call each other in a circle.
LARGEST_CIRCLE = 7


@tagged("post_install", "-at_install")
class TestLayers(BaseCase):
    """A folder calls itself and those before it; what comes later extends its hooks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.layers = Layers.of_folder(ROOT)
        cls.calls = cls.layers.find_calls()

    def test_each_file_is_in_a_folder_of_the_order(self):
        lost = [path for path in self.layers.sources if folder_of(path) is None]
        self.assertFalse(lost)

    def test_no_file_calls_upward(self):
        upward = {
            f"{path} → {other}": called
            for (path, other), called in self.calls.items()
            if is_upward(path, other)
        }
        self.assertFalse(upward, "give it a hook instead, which the later one extends")

    def test_no_file_names_a_model_of_above(self):
        named = {
            f"{path} → {other}": models
            for (path, other), models in self.layers.find_named().items()
            if is_upward(path, other)
        }
        self.assertFalse(named, "let the later folder add the field, or fill a hook")

    def test_no_file_imports_from_above(self):
        imports = self.layers.find_imports()
        self.assertFalse([pair for pair in imports if is_upward(*pair)])

    def test_circles_stay_small_and_within_a_folder(self):
        circles = find_circles(self.layers.sources, self.calls)
        for circle in circles:
            self.assertEqual(len({*map(folder_of, circle)}), 1, sorted(circle))
            self.assertLessEqual(len(circle), LARGEST_CIRCLE, sorted(circle))

    def test_a_model_is_in_one_file_of_a_folder_which_bears_its_name(self):
        self.assertFalse(self.layers.find_misplaced())

    def test_no_call_is_hidden(self):
        self.assertFalse(self.layers.find_hidden())


@tagged("post_install", "-at_install")
class TestLayersAreSeen(BaseCase):
    """What the test above would find."""

    ABOVE = """
class Merge(models.Model):
    _name = "crm.lead.merge"
    def _merge(self):
        pass
"""

    def find(self, body):
        text = f"class One(models.Model):\n    _name = 'crm.lead.duplicate'\n{body}"
        return Layers({"models/duplicate/a.py": text, "models/merge/b.py": self.ABOVE})

    def assertUpward(self, body):
        calls = self.find(body).find_calls()
        self.assertEqual([*calls], [("models/duplicate/a.py", "models/merge/b.py")])

    def test_a_call_by_the_name_of_the_model(self):
        self.assertUpward(
            "    def f(self):\n        self.env['crm.lead.merge'].sudo()._merge()\n"
        )

    def test_a_call_by_a_local_name(self):
        self.assertUpward(
            "    def f(self):\n        m = self.env['crm.lead.merge']\n"
            "        m.browse(1)._merge()\n"
        )

    def test_a_call_of_a_method_that_one_model_has(self):
        self.assertUpward("    def f(self):\n        self.merge_id._merge()\n")

    def test_a_model_that_a_plain_class_names(self):
        body = "    def f(self):\n        self.env['crm.lead.merge'].search([])"
        layers = Layers(
            {
                "models/duplicate/a.py": f"class Plain:\n{body}",
                "models/merge/b.py": self.ABOVE,
            }
        )
        self.assertIn(
            ("models/duplicate/a.py", "models/merge/b.py"), layers.find_named()
        )

    def test_a_hook_of_its_own_is_no_call_upward(self):
        layers = self.find(
            "    def _hook(self):\n        pass\n"
            "    def f(self):\n        self._hook()\n"
        )
        self.assertFalse(layers.find_calls())

    def test_a_call_hidden_behind_a_variable(self):
        for body in ("self.env[name].sudo()._merge()", "getattr(lead, name)()"):
            layers = self.find(f"    def f(self, name, lead):\n        {body}\n")
            self.assertTrue(layers.find_hidden(), body)

    def test_a_model_in_a_file_of_another_name(self):
        self.assertEqual(
            self.find("").find_misplaced(),
            [
                ("crm.lead.duplicate", "models/duplicate/a.py"),
                ("crm.lead.merge", "models/merge/b.py"),
            ],
        )

    def test_a_circle(self):
        circles = find_circles("abc", [("a", "b"), ("b", "a"), ("b", "c")])
        self.assertEqual(circles, [{"a", "b"}])
