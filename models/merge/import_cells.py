from odoo import api, models
from odoo.fields import Command
from odoo.tools import is_html_empty

from ...engine.survivorship import is_blank
from .crm_lead_merge_import import UNKNOWN
from .reader import TECHNICAL_FIELDS


class CrmLeadMergeImport(models.AbstractModel):
    """What the cells of a row say, and whether that was said before."""

    _inherit = "crm.lead.merge.import"

    @api.model
    def _read_cells(self, lead, values):
        """Return what a row says, in the form in which a merge reads values: of a
        many2many field the ids, each property by itself, blanks left out.

        :param lead: the lead it would be written to
        :param values: {field: value} as `write` takes them
        """
        columns = self.env["crm.lead.merge.planner"]._get_column_fields()
        cells = {}
        for name, value in values.items():
            known = lead._fields[name]
            if name in TECHNICAL_FIELDS - {"lead_properties"}:
                continue
            if known.type == "properties":
                said = known.convert_to_cache(value, lead, validate=False) or {}
                cells.update({f"{name}.{part}": one for part, one in said.items()})
            elif self._is_links(name):
                cells[name] = self._read_link_commands(value)
            elif known.type == "one2many":
                cells[name] = self._read_row_commands(lead, known, value)
            elif known.type == "binary":
                cells[name] = value.decode() if isinstance(value, bytes) else value
            else:
                value = self._normalize(lead, name, value)
                cells[name] = (
                    {self._get_part(known): value}
                    if name in columns and not is_blank(value)
                    else value
                )
        return {name: value for name, value in cells.items() if not is_blank(value)}

    @api.model
    def _normalize(self, lead, name, value):
        """Return the value as `write` would leave it on the lead."""
        known = lead._fields[name]
        cached = known.convert_to_cache(value, lead)
        value = known.convert_to_write(known.convert_to_record(cached, lead), lead)
        if known.type == "html" and value and is_html_empty(value):
            return False
        if name == "website" and value:
            return self.env["res.partner"]._clean_website(value)  # as core writes it
        return value

    @api.model
    def _get_part(self, known):
        """Return the part of a field that a row speaks about: its company, or its
        language."""
        if known.company_dependent:
            return str(self.env.company.id)
        return self.env.lang or "en_US"

    @api.model
    def _read_link_commands(self, value):
        """Return the ids that commands on a many2many field add."""
        ids = []
        for command in value or ():
            if isinstance(command, int):
                ids.append(command)
            elif command[0] == Command.SET:
                ids += command[2]
            elif command[0] in (Command.LINK, Command.UPDATE):
                ids.append(command[1])
        return ids

    @api.model
    def _read_row_commands(self, lead, known, value):
        """Return the commands on a one2many field that add something: rows of a file
        make their records anew each time, as long as they have no external ids."""
        # sudo: records that are there already are not made again, whoever sees them
        there = lead.sudo()[known.name]
        commands = []
        for command in value or ():
            if command[0] == Command.CREATE and any(
                all(
                    name in record._fields
                    and not record._fields[name].relational
                    and self._normalize(record, name, one)
                    == record._fields[name].convert_to_write(record[name], record)
                    for name, one in command[2].items()
                )
                for record in there
            ):
                continue
            if command[0] in (Command.CREATE, Command.UPDATE, Command.LINK):
                commands.append(command)
        return commands

    @api.model
    def _is_said(self, lead, name, value, said):
        """Return whether a row repeats what was said.

        :param value: see `_read_cells`
        :param said: what was said, or `UNKNOWN`
        """
        if said is UNKNOWN:
            return False
        known = lead._fields.get(name)
        if known is None or known.type in ("one2many", "binary"):
            return value == said
        if self._is_links(name):
            return set(value) <= set(said or ())
        if isinstance(value, dict):
            return all(
                self._is_equal(lead, name, one, self._get_said(known, part, said))
                for part, one in value.items()
            )
        return self._is_equal(lead, name, value, said)

    @api.model
    def _get_said(self, known, part, said):
        """Return what was said about a part of a field: a text that is not translated
        is the English one."""
        said = said or {}
        return said.get(part) or (known.translate and said.get("en_US")) or False

    @api.model
    def _is_equal(self, lead, name, one, other):
        if one == other:
            return True
        if is_blank(one) or is_blank(other):
            return False
        if lead._fields[name].type == "many2one":
            return one == self._get_now(name, other)
        key = self.env["crm.lead.merge.planner"]._get_key(name, lead)
        return key(one) == key(other)

    @api.model
    def _get_now(self, name, lead_id):
        """Return what a value points to by now: leads may have been merged."""
        if self.env["crm.lead"]._fields[name].comodel_name != "crm.lead":
            return lead_id
        # sudo: ids alone, to compare them
        return self.env["crm.lead.merge"].sudo()._resolve([lead_id])[lead_id]
