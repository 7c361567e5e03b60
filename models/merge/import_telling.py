from odoo import api, models

from .importing import NOTES, Notes


class CrmLeadMergeImport(models.AbstractModel):
    """How news is set aside, and said."""

    _inherit = "crm.lead.merge.import"

    @api.model
    def _set_aside(self, values):
        """Keep values under *Merged information*, each once.

        :param values: [(`ImportedRow`, field, value), …]
        :return: what was not there yet, as `values`
        """
        if not values:
            return []
        # sudo: what is there already, whatever the user may see of it; and nobody may
        # write these rows but the engine
        Value = self.env["crm.lead.merge.value"].sudo()
        there = Value.search_fetch(
            [("lead_id", "in", list({row.survivor.id for row, _name, _v in values}))],
            ["lead_id", "field_name", "value"],
        )
        known = {}
        for one in there:
            is_file = self._is_file(one.field_name)
            value = (one.file or b"").decode() if is_file else one.value
            known.setdefault((one.lead_id.id, one.field_name), []).append(value)
        kept = []
        for row, name, value in values:
            stored = Value._to_json(value)
            # sudo: to compare; nothing is told of it
            lead = row.survivor.sudo()
            same = known.setdefault((lead.id, name), [])
            if not any(self._is_same(lead, name, stored, one) for one in same):
                same.append(stored)
                kept.append((row, name, value))
        Value._keep_imported(kept)
        return kept

    @api.model
    def _is_same(self, lead, name, value, stored):
        """Return whether a value is set aside already."""
        value, stored = self._from_json(name, value), self._from_json(name, stored)
        if isinstance(value, dict) != isinstance(stored, dict):
            return False
        return value == stored or self._is_said(lead, name, value, stored)

    @api.model
    def _tell(self, rows, fills, kept):
        """Say in the chatter of each survivor, and to who loads the file, what has come
        of it."""
        planner = self.env["crm.lead.merge.planner"]
        hidden = planner._get_grouped_fields()
        told = {}
        for (_merge_id, lead_id), values in fills.items():
            told.setdefault(lead_id, ({}, []))[0].update(
                (name, one) for name, one in values.items() if name not in hidden
            )
        for row, name, value in kept:
            if name not in hidden:
                told.setdefault(row.survivor.id, ({}, []))[1].append((name, value))
        bodies = {}
        leads = self.env["crm.lead"].browse(told)
        # sudo: names of values, as a merge tells them
        display = self.env["crm.lead.merge.value"].sudo()._display_imported
        for lead_id, (filled, others) in told.items():
            lead = leads.browse(lead_id).with_prefetch(leads.ids).sudo()
            bodies[lead_id] = self.env["ir.qweb"]._render(
                "crm_lead_qualification.import_note",
                {
                    "filled": [display(lead, *one) for one in filled.items()],
                    "kept": [display(lead, *one) for one in others],
                },
                minimal_qcontext=True,
            )
        if bodies:
            leads._message_log_batch(bodies)
        self._note(kept)

    @api.model
    def _note(self, kept):
        """Add to what `load` returns, one warning a row. Odoo's import page takes any
        message for a failure: there the chatter says it."""
        notes = self.env.context.get(NOTES)
        if not isinstance(notes, Notes) or self.env.context.get("import_file"):
            return
        labels = {}
        for row, name, _value in kept:
            label = self.env["crm.lead.merge.value"]._get_label(name)
            labels.setdefault(id(row), (row, []))[1].append(label)
        for row, names in labels.values():
            notes.messages.append(
                {
                    **row.info,
                    "type": "warning",
                    "message": self.env._(
                        "‘%(lead)s’ says otherwise than this row, which is about a "
                        "record that was merged into it. Kept under Merged "
                        "information: %(fields)s.",
                        lead=row.survivor.display_name,
                        fields=", ".join(names),
                    ),
                }
            )


class CrmLeadMergeValue(models.Model):
    """Values that files have brought for leads that were merged away."""

    _inherit = "crm.lead.merge.value"

    @api.model
    def _keep_imported(self, values):
        """Keep values, one row each.

        :param values: [(`ImportedRow`, field, value), …]
        """
        if not values:
            return
        Source = self.env["crm.lead.merge.source"]
        # one query, whatever number of them
        Source.browse(list({row.source_id for row, _name, _value in values})).fetch(
            ["name", "source_res_id"]
        )
        files = self.env["crm.lead.merge.planner"]._get_file_fields()
        rows = []
        for row, name, value in values:
            # sudo: what the user may not see is set aside all the same
            lead = row.survivor.sudo()
            merge = self.env["crm.lead.merge"].browse(row.merge_id)
            source = Source.browse(row.source_id)
            is_file = name in files
            vals = {
                **self._prepare_vals(merge, name, lead, not is_file and value),
                "lead_id": lead.id,
                "source_res_id": source.source_res_id,
                "source_name": source.name,
                "source_date": self.env.cr.now(),
            }
            if is_file:
                self._keep_file(vals, value)
            else:
                rows.append(vals)
        self._insert(rows)

    @api.model
    def _keep_file(self, vals, value):
        """Keep a file: its value is the id of an attachment."""
        kept = self.create({**vals, "value": False, "file": value})
        # sudo: files of fields are the engine's own
        files = self.env["ir.attachment"].sudo()
        domain = [("res_model", "=", self._name), ("res_id", "=", kept.id)]
        kept.value = files.search([*domain, ("res_field", "=", "file")]).id

    @api.model
    def _display_imported(self, lead, name, value):
        """Return (label, value as people read it)."""
        field = lead._fields.get(name)
        if field is not None and field.type in ("many2many", "one2many"):
            ids = [one for one in value if isinstance(one, int)]
            records = self.env[field.comodel_name].browse(ids)
            return self._get_label(name), ", ".join(records.mapped("display_name"))
        if field is not None and field.type == "binary":
            return self._get_label(name), self.env._("File")
        return self._get_label(name), self._display(name, lead, value)
