"""The template of all terms, and the languages that follow it."""

import io

from environment import addon

FOLDER = addon.ROOT / "i18n"
TEMPLATE = FOLDER / f"{addon.NAME}.pot"
#: What changes at every export, and says nothing.
DATED = ("POT-Creation-Date", "PO-Revision-Date", "Project-Id-Version")


def export(env):
    """Return the catalogue of all terms of the addon, as Odoo exports it."""
    import polib

    from odoo.tools.translate import trans_export

    buffer = io.BytesIO()
    trans_export(None, [addon.NAME], buffer, "po", env)
    catalogue = polib.pofile(buffer.getvalue().decode())
    for name in DATED:
        catalogue.metadata.pop(name, None)
    return catalogue


def update(template):
    """Write the template, and bring the languages in line with it.

    :return: {language: number of terms that wait to be translated}
    """
    import polib

    template.save(str(TEMPLATE))
    waiting = {}
    for path in sorted(FOLDER.glob("*.po")):
        language = polib.pofile(str(path))
        language.merge(template)
        for entry in language.obsolete_entries():
            language.remove(entry)
        language.save(str(path))
        waiting[path.stem] = len(language.untranslated_entries())
    return waiting
