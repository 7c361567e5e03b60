"""What users see can be translated, and is: in every language of i18n/."""

import io
import re
from pathlib import Path

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import trans_export

NAME = "crm_lead_qualification"
FOLDER = Path(__file__).resolve().parent.parent / "i18n"
WEBSITE = "ir.model,website_form"
LANGUAGES = {"de", "es", "fr", "nl"}
#: What stands for a value, and for markup.
KEPT = re.compile(r"%\(\w+\)[sd]|%[sd]|</?[a-z]+[^>]*>")


def read(name):
    """Return {term: what it is translated to} of a file in i18n/."""
    return {entry.msgid: entry.msgstr for entry in polib.pofile(str(FOLDER / name))}


@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):
    def test_template_has_every_term(self):
        buffer = io.BytesIO()
        trans_export(None, [NAME], buffer, "po", self.env)
        terms = {
            entry.msgid
            for entry in polib.pofile(buffer.getvalue().decode())
            # what the website says of any model is the website's to translate
            if not all(WEBSITE in place for place, _line in entry.occurrences)
        }
        written = set(read(f"{NAME}.pot"))
        self.assertFalse(terms ^ written, "./dev/translate brings them in line")

    def test_languages_translate_every_term(self):
        self.assertEqual({path.stem for path in FOLDER.glob("*.po")}, LANGUAGES)
        terms = set(read(f"{NAME}.pot"))
        for language in sorted(LANGUAGES):
            translated = read(f"{language}.po")
            self.assertFalse(terms ^ set(translated), language)
            for term, text in translated.items():
                self.assertTrue(text.strip(), f"{language}: {term}")
                self.assertEqual(
                    sorted(KEPT.findall(term)),
                    sorted(KEPT.findall(text)),
                    f"{language}: {term}",
                )

    def test_salespeople_are_told_in_their_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env.ref(f"base.module_{NAME}")._update_translations(["fr_FR"])
        French = self.env["crm.lead.run"].with_context(lang="fr_FR")
        states = dict(French._fields["state"]._description_selection(French.env))
        self.assertNotEqual(states["undone"], "Undone")
        with self.assertRaisesRegex(Exception, "fusionner"):
            self.env["crm.lead"].with_context(lang="fr_FR").merge_opportunity()
