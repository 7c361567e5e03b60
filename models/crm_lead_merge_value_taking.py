from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class CrmLeadMergeValue(models.Model):
    """How a value that was set aside, or a file, gets onto the lead after all."""

    _inherit = "crm.lead.merge.value"

    def action_take(self):
        """Put this value on the lead; the one that was there is set aside instead."""
        self.check_access("read")
        for value in self:
            lead = value.lead_id
            lead.check_access("write")
            if field := lead._fields.get(value.field_name.partition(".")[0]):
                lead._check_field_access(field, "write")
            value._check_there()
            # sudo: nobody may write these rows, or the journal, but the engine
            engine = value.sudo()
            with engine.merge_id._journal_adopting("crm_lead", lead.id):
                present = value._swap(lead)
            engine.write(present)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _check_there(self):
        """Refuse a value that has been deleted since it was set aside, and one that the
        lead has no place for.

        :raise UserError: naming it
        """
        name, _dot, property_name = self.field_name.partition(".")
        if property_name:
            return self._check_defined(property_name)
        field = self.env["crm.lead"]._fields.get(name)
        if field is None or field.type != "many2one":
            return
        stored = self.value.values() if isinstance(self.value, dict) else [self.value]
        # sudo: only whether they are there
        records = self.env[field.comodel_name].sudo().browse(filter(None, stored))
        if records != records.exists():
            raise UserError(
                self.env._(
                    "‘%(value)s’ has been deleted since (%(field)s). Choose another "
                    "one on the record itself.",
                    value=self.display_value,
                    field=self.label,
                )
            )

    def _check_defined(self, property_name):
        """Refuse a property that the team of the lead does not define: nobody would see
        it there, and the next change of the lead would drop it."""
        # sudo: which properties the team has, and its name, as core shows it
        team = self.lead_id.sudo().team_id
        definitions = team.lead_properties_definition or ()
        if any(one["name"] == property_name for one in definitions):
            return
        raise UserError(
            self.env._(
                "‘%(value)s’ has no place on this record: its sales team (%(team)s) "
                "has no property ‘%(field)s’. Move the record to the team that has "
                "it, or add the property to this team, then take the value.",
                value=self.display_value,
                team=team.display_name or "–",
                field=self.label,
            )
        )

    def _swap(self, lead):
        """Write this value to `lead`; return what this row has to hold from now on."""
        planner = self.env["crm.lead.merge.planner"]
        # sudo: whoever sees this value may see the field, and he may change the lead
        lead = lead.sudo()
        name, _dot, property_name = self.field_name.partition(".")
        said = planner._read_values(lead)[lead.id]
        new = self.value
        if property_name:
            present = said["lead_properties"].get(property_name)
            lead._write_columns(
                {"lead_properties": {**said["lead_properties"], property_name: new}}
            )
        elif name in planner._get_file_fields():
            present = self._swap_files(lead, name)
        elif name in planner._get_column_fields():
            present = said[name]
            kept = present if lead._fields[name].company_dependent else {}
            lead._write_columns({name: {**kept, **new}})
        else:
            present = said[name]
            lead._write_apart_from_customer({name: new})
        display_value = self._display(self.field_name, lead, present) if present else ""
        return {
            **self._prepare_person(self.field_name, present, display_value),
            "value": self._to_json(present),
            "display_value": display_value,
            "source_res_id": lead.id,
            "source_name": lead.name,
            "source_date": fields.Datetime.now(),
        }

    def _swap_files(self, lead, name):
        """Exchange the file of this row for the one of the lead; return the id of
        that."""
        # sudo: as above
        files = self.env["ir.attachment"].sudo()
        domain = [("res_model", "=", lead._name), ("res_id", "=", lead.id)]
        present = files.search([*domain, ("res_field", "=", name)])
        targets = [(self.value, lead._name, lead.id, name)]
        targets += [(one.id, self._name, self.id, "file") for one in present]
        self._own_files(self.merge_id.sudo(), targets)
        return present.id

    @api.model
    def _move_files(self, merge, survivor, plan):
        """Move the files that are values: one to the survivor, the others to the rows
        that set them aside."""
        names = self.env["crm.lead.merge.planner"]._get_file_fields()
        decisions = [one for one in plan.decisions if one.field in names]
        targets = [
            (decision.value, "crm.lead", survivor.id, decision.field)
            for decision in decisions
            if decision.value
        ]
        targets += [
            (value.value, self._name, value.id, "file")
            for value in (merge.value_ids if decisions else ())
            if value.field_name in names
        ]
        self._own_files(merge, targets)

    @api.model
    def _own_files(self, merge, targets):
        """Give files that are values to other records, and remember whose they were.

        :param targets: [(id of the attachment, model, id, field), …]
        """
        if not targets:
            return
        # Raw SQL: the file itself stays, only its owner changes, in one query.
        merge._journal_record(
            "ir_attachment",
            SQL(
                """
                held AS (
                    SELECT t.id, t.res_model, t.res_id, t.res_field,
                           target.model, target.owner_id, target.field
                      FROM ir_attachment t
                      JOIN (VALUES %s) AS target (id, model, owner_id, field)
                        ON target.id = t.id
                ), changed AS (
                    UPDATE ir_attachment t
                       SET res_model = held.model, res_id = held.owner_id,
                           res_field = held.field
                      FROM held WHERE held.id = t.id
                    RETURNING t.id AS row_id,
                        jsonb_build_object('res_model', held.res_model, 'res_id',
                        held.res_id, 'res_field', held.res_field) AS before,
                        jsonb_build_object('res_model', t.res_model, 'res_id',
                        t.res_id, 'res_field', t.res_field) AS after
                )
                """,
                SQL(", ").join(targets),
            ),
        )
        self.env.invalidate_all()
