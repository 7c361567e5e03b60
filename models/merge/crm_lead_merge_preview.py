from odoo import api, models
from odoo.tools import format_date

from .amounts import get_currency, get_result_currency
from .display import Display

# Columns that people can still compare; beyond, the plan is said in words.
MOST_COLUMNS = 80


class CrmLeadMergePreview(models.AbstractModel):
    """Describes a plan to people: names instead of ids, kinds of record instead of
    tables. The dialog shows it, and adds nothing to it."""

    _name = "crm.lead.merge.preview"
    _description = "Merge Preview"

    @api.model
    def _describe(self, plan):
        """Return a plan as the dialog shows it.

        :param MergePlan plan: see `crm.lead.merge._plan`
        :return: ``{"count", "leads": [{id, name, kind, date, salesperson, notice}, …]
            (the survivor first), "rows": [{field, bundle, together, label, cells:
            [text, …] (one for each of the leads), kept, origin_id, is_united, differs,
            note}, …], "references": [{label, count, done}, …], "too_many": why there
            are no rows, and no lead but the survivor}``
        """
        leads = self.env["crm.lead"].browse([plan.survivor_id, *plan.source_ids])
        is_too_many = len(leads) > MOST_COLUMNS
        shown = leads[:1] if is_too_many else leads
        return {
            "count": len(leads),
            "leads": [self._describe_lead(lead) for lead in shown],
            "rows": [] if is_too_many else self._describe_rows(plan, leads),
            "references": self._describe_references(plan),
            "too_many": self._describe_too_many(leads) if is_too_many else "",
        }

    @api.model
    def _describe_too_many(self, leads):
        return self.env._(
            "Are all %(count)s one and the same prospect? ‘%(survivor)s’ keeps what it "
            "says, its blanks are filled from the others, oldest first. To choose "
            "value by value, select %(most)s records at most.",
            count=len(leads),
            survivor=leads[0]._name_offered(),
            most=MOST_COLUMNS,
        )

    @api.model
    def _describe_rows(self, plan, leads):
        facts = self.env["crm.lead.merge.fields"]
        values = facts._read_values(leads)
        for (lead_id, name), file in facts._find_files(leads).items():
            values[lead_id][name] = file["id"]
        hidden = facts._get_hidden_fields()
        bundles = {
            name: bundle.name
            for bundle in self.env["crm.lead.merge.planner"]._get_bundles()
            for name in bundle.fields
        }
        kept = {name: one.value for name, one in plan.by_field.items()}
        currency = get_result_currency(leads)
        for name in facts._get_company_amounts(leads).values():
            kept[name] = currency.id
        rows = [
            self._describe_row(decision, leads, values, kept, bundles)
            for decision in plan.decisions
            # each property has a row of its own
            if decision.field not in ("lead_properties", *facts._get_self_links())
            and not facts._is_hidden(decision.field, hidden)
        ]
        self._note_conversions(rows, leads, values)
        rows = self._join_units(self._join_bundles(rows))
        return rows + self._describe_links(leads, hidden)

    @api.model
    def _join_units(self, rows):
        """Tell rows of one value together: the sign of an amount, or the name of a
        record, says already what its unit is."""
        planner = self.env["crm.lead.merge.planner"]
        by_field = {row["field"]: row for row in rows}
        for bundle in planner._get_bundles():
            joined = [by_field[name] for name in bundle.fields if name in by_field]
            if not bundle.unit or not joined:
                continue
            for row in joined:
                row["differs"] = any(one["differs"] for one in joined)
            unit = by_field.get(bundle.unit)
            if unit and any(any(row["cells"]) for row in joined if row is not unit):
                rows.remove(unit)
        return rows

    @api.model
    def _note_conversions(self, rows, leads, values):
        """Say in which rows amounts are converted, and into which currency."""
        currency = get_result_currency(leads)
        foreign = [lead for lead in leads if get_currency(lead) != currency]
        facts = self.env["crm.lead.merge.fields"]
        amounts = facts._get_company_amounts(leads) if foreign else ()
        for row in rows:
            if row["field"] in amounts and any(
                _get_value(values[lead.id], row["field"]) for lead in foreign
            ):
                row["differs"] = True
                row["note"] = self.env._(
                    "Converted into %s, the currency of the result.", currency.name
                )

    @api.model
    def _join_bundles(self, rows):
        """Tell each row which others are kept or replaced together with it."""
        labels = {}
        for row in rows:
            if row["kept"] or any(row["cells"]):
                labels.setdefault(row["bundle"], []).append(row["label"])
        for row in rows:
            others = [
                one for one in labels.get(row["bundle"], ()) if one != row["label"]
            ]
            row["together"] = ", ".join(others)
        return rows

    @api.model
    def _describe_lead(self, lead):
        notices = {
            "won": self.env._("Won: stays won only if it is the record merged into."),
            "lost": self.env._("Lost: opens again if the others are open."),
        }
        kinds = dict(lead._fields["type"]._description_selection(self.env))
        return {
            "id": lead.id,
            "name": lead._name_offered(),
            "kind": kinds.get(lead.type, ""),
            "date": format_date(self.env, lead.create_date),
            "salesperson": lead.user_id.display_name or "",
            "notice": notices.get(lead.won_status, ""),
        }

    @api.model
    def _describe_row(self, decision, leads, values, kept, bundles):
        """Return a row of the plan.

        :param values: {lead id: {field: value}}
        :param kept: {field: value} of the result
        """
        name = decision.field
        display = Display(self.env).display
        cells = []
        for lead in leads:
            value = _get_value(values[lead.id], name)
            cells.append(display(name, lead, value) if value else "")
        value = decision.value
        return {
            "field": name,
            "bundle": bundles.get(name, name),
            "label": self.env["crm.lead.merge.value"]._get_label(name),
            "cells": cells,
            "kept": display(name, leads[0], value, kept) if value else "",
            "origin_id": decision.origin_id,
            "is_united": not (decision.origin_id or decision.set_aside),
            "differs": bool(decision.set_aside) or decision.origin_id != leads[0].id,
            "note": "",
        }

    @api.model
    def _describe_links(self, leads, hidden):
        """Describe the many2many fields: what they link is united."""
        rows = []
        for name, field in leads._fields.items():
            if field.type != "many2many" or not field.store or name in hidden:
                continue
            cells = [", ".join(lead[name].mapped("display_name")) for lead in leads]
            rows.append(
                {
                    "field": name,
                    "bundle": name,
                    "together": "",
                    "label": field._description_string(self.env),
                    "cells": cells,
                    "kept": ", ".join(self._get_linked(leads, name)),
                    "origin_id": None,
                    "is_united": True,
                    "differs": len(set(cells)) > 1,
                    "note": "",
                }
            )
        return rows

    @api.model
    def _get_linked(self, leads, name):
        """Return the names of what the result will be linked with."""
        linked = leads[name]
        if linked._name == "crm.lead":
            # links among them are set aside; the first may go on linking itself
            linked -= leads - (leads[0] & leads[0][name])
        return linked.mapped("display_name")

    @api.model
    def _describe_references(self, plan):
        """Return how many records of each kind will move, and how many activities are
        done; links that a row of the plan shows already are left out."""
        counts = {}
        for place, count in plan.references.items():
            table = place.split(".")[0]
            counts[table] = counts.get(table, 0) + count
        references = [
            {"label": kind, "count": count, "done": 0}
            for table, count in counts.items()
            if (kind := self._get_kind(table, count))
        ]
        if counts.get("mail_activity"):
            activities = self.env["mail.activity"].with_context(active_test=False)
            done = activities.search_count(
                [
                    ("res_model", "=", "crm.lead"),
                    ("res_id", "in", plan.source_ids),
                    ("active", "=", False),
                ]
            )
            kind = self._get_kind("mail_activity", counts["mail_activity"])
            next(one for one in references if one["label"] == kind)["done"] = done
        return sorted(references, key=lambda one: one["label"])

    @api.model
    def _get_kind(self, table, count):
        """Return what users call `count` records of a table; nothing for those that
        they never see by themselves."""
        if table == "ir_model_data" or table.startswith("crm_lead_"):
            return None
        one = {
            "calendar_event": self.env._("Meeting"),
            "ir_attachment": self.env._("Attachment"),
            "mail_activity": self.env._("Activity"),
            "mail_followers": self.env._("Follower"),
            "mail_message": self.env._("Message"),
        }
        many = {
            "calendar_event": self.env._("Meetings"),
            "ir_attachment": self.env._("Attachments"),
            "mail_activity": self.env._("Activities"),
            "mail_followers": self.env._("Followers"),
            "mail_message": self.env._("Messages"),
        }
        kinds = one if count == 1 else many
        model = self.env["crm.lead.ledger"]._get_table_model(table)
        if model is None:
            return None
        return kinds.get(model._table, self.env["ir.model"]._get(model._name).name)


def _get_value(values, name):
    """Return the value of a field, or of ``lead_properties.<property>``."""
    field, _dot, property_name = name.partition(".")
    return values[field].get(property_name) if property_name else values.get(name)
