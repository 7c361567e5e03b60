from .display import Display
from .import_cells import Cells
from .import_marks import NOTES, Notes


class Telling:
    """How news is set aside, and said.

    :param env: of who loads the file
    """

    def __init__(self, env):
        self.env = env
        self.cells = Cells(env)
        # sudo: what is there already, whatever the user may see of it; and nobody may
        # write these rows but the engine
        self.values = env["crm.lead.merge.value"].sudo()

    def set_aside(self, values):
        """Keep values under *Merged information*, each once.

        :param values: [(`ImportedRow`, field, value), …]
        :return: what was not there yet, as `values`
        """
        if not values:
            return []
        there = self.values.search_fetch(
            [("lead_id", "in", list({row.survivor.id for row, _name, _v in values}))],
            ["lead_id", "field_name", "value"],
        )
        known = {}
        for one in there:
            is_file = self.cells.is_file(one.field_name)
            value = (one.file or b"").decode() if is_file else one.value
            known.setdefault((one.lead_id.id, one.field_name), []).append(value)
        kept = []
        for row, name, value in values:
            stored = self.values._to_json(value)
            # sudo: to compare; nothing is told of it
            lead = row.survivor.sudo()
            same = known.setdefault((lead.id, name), [])
            if not any(self._is_same(lead, name, stored, one) for one in same):
                same.append(stored)
                kept.append((row, name, value))
        self._keep(kept)
        return kept

    def _is_same(self, lead, name, value, stored):
        """Return whether a value is set aside already."""
        value = self.cells.from_json(name, value)
        stored = self.cells.from_json(name, stored)
        if isinstance(value, dict) != isinstance(stored, dict):
            return False
        return value == stored or self.cells.is_said(lead, name, value, stored)

    def _keep(self, values):
        """Keep values, one row each.

        :param values: [(`ImportedRow`, field, value), …]
        """
        if not values:
            return
        engine = self.values.env
        Source = engine["crm.lead.merge.source"]
        # one query, whatever number of them
        Source.browse(list({row.source_id for row, _name, _value in values})).fetch(
            ["name", "source_res_id"]
        )
        rows = []
        for row, name, value in values:
            # sudo: what the user may not see is set aside all the same
            lead = row.survivor.sudo()
            merge = engine["crm.lead.merge"].browse(row.merge_id)
            source = Source.browse(row.source_id)
            is_file = self.cells.is_file(name)
            vals = {
                **self.values._prepare_vals(merge, name, lead, not is_file and value),
                "lead_id": lead.id,
                "source_res_id": source.source_res_id,
                "source_name": source.name,
                "source_date": self.env.cr.now(),
            }
            if is_file:
                self._keep_file(vals, value)
            else:
                rows.append(vals)
        self.values._insert(rows)

    def _keep_file(self, vals, value):
        """Keep a file: its value is the id of an attachment."""
        kept = self.values.create({**vals, "value": False, "file": value})
        # sudo: files of fields are the engine's own
        files = self.env["ir.attachment"].sudo()
        domain = [("res_model", "=", kept._name), ("res_id", "=", kept.id)]
        kept.value = files.search([*domain, ("res_field", "=", "file")]).id

    def tell(self, rows, fills, kept):
        """Say in the chatter of each survivor, and to who loads the file, what has come
        of it."""
        hidden = self.env["crm.lead.merge.fields"]._get_grouped_fields()
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
        for lead_id, (filled, others) in told.items():
            # sudo: names of values, as a merge tells them
            lead = leads.browse(lead_id).with_prefetch(leads.ids).sudo()
            bodies[lead_id] = self.env["ir.qweb"]._render(
                "crm_lead_qualification.import_note",
                {
                    "filled": [self._display(lead, *one) for one in filled.items()],
                    "kept": [self._display(lead, *one) for one in others],
                },
                minimal_qcontext=True,
            )
        if bodies:
            leads._message_log_batch(bodies)
        self._note(kept)

    def _display(self, lead, name, value):
        """Return (label, value as people read it)."""
        label = self.values._get_label(name)
        field = lead._fields.get(name)
        if field is not None and field.type in ("many2many", "one2many"):
            ids = [one for one in value if isinstance(one, int)]
            records = self.values.env[field.comodel_name].browse(ids)
            return label, ", ".join(records.mapped("display_name"))
        if field is not None and field.type == "binary":
            return label, self.env._("File")
        return label, Display(self.values.env).display(name, lead, value)

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
