from odoo.fields import Command
from odoo.tools import is_html_empty

from ...engine.survivorship import is_blank
from .crm_lead_merge_fields import TECHNICAL_FIELDS
from .imported_row import UNKNOWN


class Cells:
    """What the cells of a row say, in the form in which a merge reads values, and
    whether that was said before.

    :param env: of who loads the file
    """

    def __init__(self, env):
        self.env = env

    def read_row(self, lead, values):
        """Return what a row says, in the form in which a merge reads values: of a
        many2many field the ids, each property by itself, blanks left out.

        :param lead: the lead it would be written to
        :param values: {field: value} as `write` takes them
        """
        columns = self.env["crm.lead.merge.fields"]._get_column_fields()
        cells = {}
        for name, value in values.items():
            known = lead._fields[name]
            if name in TECHNICAL_FIELDS - {"lead_properties"}:
                continue
            if known.type == "properties":
                said = known.convert_to_cache(value, lead, validate=False) or {}
                cells.update({f"{name}.{part}": one for part, one in said.items()})
            elif self.is_links(name):
                cells[name] = self.read_links(value)
            elif known.type == "one2many":
                cells[name] = self._read_row_commands(lead, known, value)
            elif known.type == "binary":
                cells[name] = value.decode() if isinstance(value, bytes) else value
            else:
                value = self.normalize(lead, name, value)
                cells[name] = (
                    {self.get_part(known): value}
                    if name in columns and not is_blank(value)
                    else value
                )
        return {name: value for name, value in cells.items() if not is_blank(value)}

    def normalize(self, lead, name, value):
        """Return the value as `write` would leave it on the lead."""
        known = lead._fields[name]
        cached = known.convert_to_cache(value, lead)
        value = known.convert_to_write(known.convert_to_record(cached, lead), lead)
        if known.type == "html" and value and is_html_empty(value):
            return False
        if name == "website" and value:
            return self.env["res.partner"]._clean_website(value)  # as core writes it
        return value

    def get_part(self, known):
        """Return the part of a field that a row speaks about: its company, or its
        language."""
        if known.company_dependent:
            return str(self.env.company.id)
        return self.env.lang or "en_US"

    def read_links(self, value):
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
                    and self.normalize(record, name, one)
                    == record._fields[name].convert_to_write(record[name], record)
                    for name, one in command[2].items()
                )
                for record in there
            ):
                continue
            if command[0] in (Command.CREATE, Command.UPDATE, Command.LINK):
                commands.append(command)
        return commands

    def is_said(self, lead, name, value, said):
        """Return whether a row repeats what was said.

        :param value: see `read_row`
        :param said: what was said, or `UNKNOWN`
        """
        if said is UNKNOWN:
            return False
        known = lead._fields.get(name)
        if known is None or known.type in ("one2many", "binary"):
            return value == said
        if self.is_links(name):
            return set(value) <= set(said or ())
        if isinstance(value, dict):
            return all(
                self.is_equal(lead, name, one, self.get_said(known, part, said))
                for part, one in value.items()
            )
        return self.is_equal(lead, name, value, said)

    def get_said(self, known, part, said):
        """Return what was said about a part of a field: a text that is not translated
        is the English one."""
        said = said or {}
        return said.get(part) or (known.translate and said.get("en_US")) or False

    def is_equal(self, lead, name, one, other):
        if one == other:
            return True
        if is_blank(one) or is_blank(other):
            return False
        if lead._fields[name].type == "many2one":
            return one == self._get_now(name, other)
        key = self.env["crm.lead.merge.fields"]._get_key(name, lead)
        return key(one) == key(other)

    def _get_now(self, name, lead_id):
        """Return what a value points to by now: leads may have been merged."""
        if self.env["crm.lead"]._fields[name].comodel_name != "crm.lead":
            return lead_id
        # sudo: ids alone, to compare them
        return self.env["crm.lead.merge"].sudo()._resolve([lead_id])[lead_id]

    def is_links(self, name):
        known = self.env["crm.lead"]._fields.get(name)
        return bool(known and known.type == "many2many" and known.store)

    def is_file(self, name):
        return name in self.env["crm.lead.merge.fields"]._get_file_fields()

    def from_json(self, name, value):
        """Return a value of a snapshot in the form in which values are written."""
        known = self.env["crm.lead"]._fields.get(name)
        if not value or known is None:
            return value or False
        if known.type == "datetime":
            return known.to_datetime(str(value).replace("T", " ")[:19])
        if known.type == "date":
            return known.to_date(value)
        if known.type == "html" and isinstance(value, str) and is_html_empty(value):
            return False
        if known.type == "binary" and str(value).startswith("\\x"):
            return bytes.fromhex(value[2:]).decode()
        return value

    def add(self, name, said, value):
        """Return what a lead says once a row has said `value` about a field."""
        if not said:
            return value
        if self.is_links(name):
            return list({*said, *value})
        if isinstance(value, dict) and isinstance(said, dict):
            return {**said, **value}
        return value

    def split_properties(self, values):
        """Return values in which each property is a field of its own."""
        properties = values.get("lead_properties") or {}
        return {
            **{name: one for name, one in values.items() if name != "lead_properties"},
            **{f"lead_properties.{name}": one for name, one in properties.items()},
        }
