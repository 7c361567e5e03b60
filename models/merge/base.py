from odoo import models
from odoo.fields import Command

from .import_marks import MERGED_AWAY, NestedRow


class Base(models.AbstractModel):
    """How rows within rows of any model reach leads that were merged: as rows of leads
    do, see `crm.lead.merge.import`; which record they belong to is one more cell."""

    _inherit = "base"

    def _load_records(self, data_list, update=False):
        names = {name for data in data_list for name in data["values"]}
        fields = [self._fields[name] for name in sorted(names & self._fields.keys())]
        told = []
        for field in fields:
            if field.type == "one2many" and field.comodel_name == "crm.lead":
                data_list, rows = self._take_rows_out(field, data_list, update)
                told += [(field, *row) for row in rows]
        records = super()._load_records(data_list, update)
        for field, row, place in told:
            row.values = {**row.values, field.inverse_name: records[place].id}
        if told:
            engine = self.env["crm.lead.merge.import"]
            engine._take([row for _field, row, _place in told])
        return records

    def _take_rows_out(self, field, data_list, update):
        """Take out of what is loaded what is about leads that were merged away, and
        what rows of survivors only repeat.

        :param field: a one2many field to leads
        :param data_list, update: see `_load_records`
        :return: (the list without, [(`ImportedRow`, place in the list), …])
        """
        engine = self.env["crm.lead.merge.import"]
        nested = [
            (place, command[1], command[2])
            for place, data in enumerate(data_list)
            for command in data["values"].get(field.name) or ()
            if command[0] == Command.UPDATE and isinstance(command[2], NestedRow)
        ]
        if not nested:
            return data_list, []
        owner_ids = self._find_owners(data_list)
        said = [
            {
                "xml_id": row.xml_id,
                "values": self._say_owner(field, row, lead_id, owner_ids.get(place)),
                "info": {
                    **(data_list[place].get("info") or {}),
                    MERGED_AWAY: row.merged_away_id,
                },
            }
            for place, lead_id, row in nested
        ]
        rows, own = engine._find_rows(said, update)
        kept = engine._drop_repeated(said, rows, own)
        commands = {}
        for number, (place, lead_id, row) in enumerate(nested):
            values = dict(kept[number]["values"])
            is_linked = field.inverse_name in values or place not in owner_ids
            values.pop(field.inverse_name, None)
            values.pop("id", None)
            commands[id(row)] = [
                *([Command.link(lead_id)] if is_linked else ()),
                Command.update(lead_id, values),
            ]
            if number in rows:
                commands[id(row)] = []
        left = list(data_list)
        for place in {place for place, _lead_id, _row in nested}:
            data = data_list[place]
            told = self._replace_rows(data["values"][field.name], commands)
            left[place] = {**data, "values": {**data["values"], field.name: told}}
        return left, [(row, nested[number][0]) for number, row in rows.items()]

    def _replace_rows(self, commands, others):
        """Return commands in which each link and its row are others.

        :param others: {``id()`` of a `NestedRow`: commands}
        """
        replaced = []
        for command in commands:
            if command[0] == Command.UPDATE and id(command[2]) in others:
                replaced[-1:] = others[id(command[2])]
            else:
                replaced.append(command)
        return replaced

    def _find_owners(self, data_list):
        """Return {place: id of the record that a row is about, if there is one}."""
        xml_ids = [data["xml_id"] for data in data_list if data.get("xml_id")]
        # sudo: external ids, as the ORM itself asks for them
        known = self.env["ir.model.data"].sudo()._lookup_xmlids(xml_ids, self)
        ids = {
            f"{module}.{name}": row_id
            for _id, module, name, _model, _res_id, _noupdate, row_id in known
        }
        owners = {
            place: ids.get(data.get("xml_id")) or data["values"].get("id")
            for place, data in enumerate(data_list)
        }
        return {place: owner_id for place, owner_id in owners.items() if owner_id}

    def _say_owner(self, field, row, lead_id, owner_id):
        """Return what a row within a row says, with the record that it belongs to."""
        number = {} if row.xml_id else {"id": lead_id}
        owner = {field.inverse_name: owner_id} if owner_id else {}
        return {**row, **number, **owner}
