from odoo import api, models
from odoo.fields import Command

#: Context key: the `Notes` of a file that is being loaded.
NOTES = "crm_lead_import_notes"
#: What `load` tells about a row besides its place: the lead its ``.id`` names, which
#: was merged away.
MERGED_AWAY = "merged_away_id"


class Number(str):
    """The database id in a cell, of the record that the lead which it names is now.

    :param merged_away_id: id of the lead that it names
    """

    def __new__(cls, survivor_id, merged_away_id):
        number = super().__new__(cls, survivor_id)
        number.merged_away_id = merged_away_id
        return number


class Notes:
    """The messages that `load` returns besides its own. Not a list: of two lists that
    are equal, the environment keeps the first one."""

    def __init__(self):
        self.messages = []


class CrmLead(models.Model):
    """How rows of files reach leads that were merged: see `crm.lead.merge.import`."""

    _inherit = "crm.lead"

    @api.model
    def load(self, fields, data):
        """Load rows as the ORM does; say as well what was kept under *Merged
        information* instead of on a record."""
        notes = Notes()
        loading = self.with_context(**{NOTES: notes})
        result = super(CrmLead, loading).load(fields, data)
        if result["ids"]:
            result["messages"] += notes.messages
        return result

    def _extract_records(self, field_paths, data, log=lambda a: None, limit=None):
        """Let the database id of a merged-away lead find what it is now."""
        limit = float("inf") if limit is None else limit
        records = super()._extract_records(field_paths, data, log=log, limit=limit)
        if [".id"] not in field_paths:
            yield from records
            return
        place = field_paths.index([".id"])
        lead_ids = {int(row[place]) for row in data if str(row[place]).isdecimal()}
        now = self.env["crm.lead.merge"]._resolve(
            [lead_id for lead_id in lead_ids if lead_id < 2**31]
        )
        for record, info in records:
            lead_id = int(record[".id"]) if str(record[".id"]).isdecimal() else 0
            survivor_id = now.get(lead_id)
            if survivor_id and survivor_id != lead_id:
                record[".id"] = Number(survivor_id, lead_id)
                info[MERGED_AWAY] = lead_id
            yield record, info

    def _load_records(self, data_list, update=False):
        """Write what rows say; of a lead that was merged away only its news, where they
        take nothing from the record that it is now."""
        engine = self.env["crm.lead.merge.import"]
        rows, own = engine._find_rows(data_list, update)
        kept = engine._drop_repeated(data_list, rows, own)
        leads = super()._load_records(kept, update)
        engine._take(list(rows.values()))
        return leads

    def _load_records_write(self, values):
        """Leave a record alone whose row has nothing new to say."""
        if not values.keys() - {"id"}:
            return self.check_access("write")
        return super()._load_records_write(values)

    @api.model
    def _write_imported(self, values):
        """Write what files have said, without a word to anyone, and without copying
        anything between a lead and its customer.

        :param values: {lead: {field: value}}, as `crm.lead.merge.import` reads cells
        """
        columns = self.env["crm.lead.merge.planner"]._get_column_fields()
        plain, parts = {}, {}
        for lead, cells in values.items():
            # sudo: who may write the lead and its fields was asked before
            lead = lead.sudo().with_context(tracking_disable=True)
            for name, value in cells.items():
                if "." in name or name in columns:
                    parts.setdefault(lead, {})[name] = value
                elif self._fields[name].type == "many2many":
                    links = [Command.link(one) for one in value]
                    plain.setdefault(lead, {})[name] = links
                elif self._fields[name].type == "one2many":
                    # not as the superuser: records of other models
                    lead.sudo(self.env.su).write({name: value})
                else:
                    plain.setdefault(lead, {})[name] = value
        if plain:
            leads = self.sudo().with_context(tracking_disable=True)
            leads._write_each_apart_from_customer(plain)
        for lead, cells in parts.items():
            lead._write_parts(cells)

    def _write_parts(self, cells):
        """Write values of languages, of companies, and of properties, besides those
        that are there."""
        present = self._read_columns({name.partition(".")[0] for name in cells})
        present = present[self.id]
        written = {}
        for cell, value in cells.items():
            name, _dot, part = cell.partition(".")
            new = {part: value} if part else value
            written[name] = {**written.get(name, present[name]), **new}
        self._write_columns(written)
