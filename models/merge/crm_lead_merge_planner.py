from odoo import api, models

from ...engine.plan import UNDECIDED, MergePlan
from ...engine.survivorship import (
    Bundle,
    Candidate,
    Decision,
    SetAside,
    decide_bundle,
    decide_field,
    decide_parts,
    decide_revenue,
    is_blank,
    order_candidates,
    other_values,
    parts_key,
    unite_texts,
)
from ..common.typed_text import split_addresses
from .amounts import ForeignAmounts
from .inner import InnerReferences

BUNDLES = (
    Bundle(
        "address",
        ("street", "street2", "zip", "city", "state_id", "country_id"),
        frozenset({"street"}),
    ),
    Bundle(
        "person",
        ("contact_name", "function", "email_from", "phone"),
        frozenset({"contact_name", "email_from", "phone"}),
    ),
    Bundle(
        "outcome",
        (
            "active",
            "stage_id",
            "probability",
            "lost_reason_id",
            "date_deadline",
            "date_closed",
        ),
        own=frozenset({"probability"}),
    ),
    Bundle("assignment", ("user_id", "team_id", "company_id")),
    Bundle("recurring_revenue", ("recurring_revenue", "recurring_plan")),
)
SURVIVOR_PARAMETER = "crm_lead_qualification.survivor"


class CrmLeadMergePlanner(models.AbstractModel):
    """Turns leads into a plan: reads their values, and has the engine decide.

    `_get_bundles` and `_get_field_rules` say how fields are decided; another addon adds
    to them. A field that neither names keeps the first value that says something.
    """

    _name = "crm.lead.merge.planner"
    _description = "Merge Planner"

    @api.model
    def _plan(self, leads, options=UNDECIDED, moved=None, values=None):
        """Say what merging `leads` would do; nothing is written.

        :param leads: two or more leads and opportunities, in any order
        :param options: what is decided already
        :param moved: {id: id of the survivor} of others that are merged before
        :param values: see `_read_values`, if they have been read, of these or more
        :rtype: MergePlan
        """
        # sudo: what the user may not see is decided about all the same
        leads = self._sort(leads, options.survivor_id).sudo()
        facts = self.env["crm.lead.merge.fields"]
        values = values or facts._read_values(leads)
        values = {lead.id: values[lead.id] for lead in leads}
        inner = InnerReferences(leads, values, moved)
        inner.take_out()
        foreign = ForeignAmounts(leads)
        foreign.convert(values)
        decisions = {}
        for bundle in self._get_bundles():
            for decision in self._decide_bundle(bundle, leads, values, options):
                decisions[decision.field] = decision
        rules = self._get_field_rules()
        for name in facts._get_plain_fields():
            rule = rules.get(name, self._decide_plain)
            decisions.setdefault(name, rule(name, leads, values, options))
        for name in facts._get_column_fields():
            if name != "lead_properties":
                decisions[name] = self._decide_parts(name, leads, values, options)
        decisions.update(self._decide_by_hooks(leads, values))
        decisions.update(self._decide_own(leads, values, decisions))
        decisions.update(self._decide_files(leads, options))
        self._force_assignment(leads, decisions, options)
        decisions.update(self._decide_properties(leads, values, decisions, options))
        foreign.set_aside_as_said(decisions)
        inner.set_aside(decisions)
        return MergePlan(
            leads[0].id,
            tuple(leads[1:].ids),
            tuple(decisions.values()),
            options,
            self._get_hidden(decisions),
        )

    @api.model
    def _get_hidden(self, decisions):
        """Return the names of what is decided and the user may not see."""
        facts = self.env["crm.lead.merge.fields"]
        hidden = facts._get_hidden_fields()
        return frozenset(name for name in decisions if facts._is_hidden(name, hidden))

    # ------------------------------------------------------------
    # Order
    # ------------------------------------------------------------

    @api.model
    def _sort(self, leads, survivor_id=None):
        """Return `leads`, the survivor first, then the order in which they speak."""
        # sudo: salespeople may not read system parameters
        rule = self.env["ir.config_parameter"].sudo().get_param(SURVIVOR_PARAMETER)
        if rule == "confidence":
            ordered = leads._sort_by_confidence_level(reverse=True)
            return ordered.sorted(lambda lead: lead.id != survivor_id)
        candidates = [
            Candidate(
                lead.id,
                lead.create_date or None,
                is_opportunity=lead.type == "opportunity",
                is_lost=lead.won_status == "lost",
            )
            for lead in leads
        ]
        return leads.browse(one.id for one in order_candidates(candidates, survivor_id))

    @api.model
    def _propose_survivor(self, leads):
        """Return the record that people, or a run, are proposed to merge `leads` into:
        the survivor by rule, but none that is won or lost where another one is open.
        A new inquiry of a customer is no part of the deal won last year."""
        ordered = self._sort(leads)
        return (ordered._filter_open() or ordered)[:1]

    # ------------------------------------------------------------
    # Decisions
    # ------------------------------------------------------------

    @api.model
    def _get_bundles(self):
        """Return the fields that are kept or replaced together."""
        return (*BUNDLES, *self.env["crm.lead.merge.fields"]._get_unit_bundles())

    @api.model
    def _get_field_rules(self):
        """Return {field: method} of fields that are not decided by the plain rule."""
        unique = self.env["crm.lead.merge.fields"]._get_unique_fields()
        return {
            **dict.fromkeys(unique, self._decide_unique),
            "email_cc": self._decide_addresses,
            "expected_revenue": self._decide_revenue,
        }

    @api.model
    def _decide_bundle(self, bundle, leads, values, options):
        get_key = self.env["crm.lead.merge.fields"]._get_key
        keys = {name: get_key(name, leads) for name in bundle.fields}
        said = [
            (lead.id, {name: values[lead.id].get(name) for name in bundle.fields})
            for lead in leads
        ]
        names = (bundle.name, *(bundle.fields if bundle.unit else ()))
        chosen_id = next(filter(None, map(options.chosen.get, names)), None)
        if bundle.name == "outcome" and not chosen_id and not leads[0].active:
            # one that is open opens the result, with all that makes it open
            chosen_id = leads.filtered("active")[:1].id or None
        return decide_bundle(bundle, said, keys, chosen_id)

    @api.model
    def _decide_plain(self, name, leads, values, options):
        said = {lead.id: values[lead.id][name] for lead in leads}
        key = self.env["crm.lead.merge.fields"]._get_key(name, leads)
        return decide_field(name, said, key, options.chosen.get(name))

    @api.model
    def _decide_unique(self, name, leads, values, options):
        said = {lead.id: values[lead.id][name] for lead in leads}
        value = said[leads[0].id]
        key = self.env["crm.lead.merge.fields"]._get_key(name, leads)
        others = other_values(said, value, key)
        return Decision(name, value, leads[0].id, others)

    @api.model
    def _decide_parts(self, name, leads, values, options):
        """Decide a field with a value for each language, which go together, or for each
        company, which do not."""
        key = self.env["crm.lead.merge.fields"]._get_key(name, leads)
        said = {lead.id: values[lead.id][name] for lead in leads}
        chosen_id = options.chosen.get(name)
        if not leads._fields[name].company_dependent:
            return decide_field(name, said, parts_key(key), chosen_id)
        return decide_parts(name, said, key, chosen_id)

    @api.model
    def _decide_addresses(self, name, leads, values, options):
        said = {lead.id: values[lead.id][name] for lead in leads}
        united = unite_texts(said, split_addresses, ", ")
        return Decision(name, united or False, None)

    @api.model
    def _decide_revenue(self, name, leads, values, options):
        said = {lead.id: values[lead.id][name] for lead in leads}
        if chosen_id := options.chosen.get(name):
            return decide_field(name, said, chosen_id=chosen_id)
        return decide_revenue(name, said, options.revenue)

    @api.model
    def _decide_by_hooks(self, leads, values):
        """Let core and other addons decide the fields they have a rule for
        (`_merge_get_fields_specific`), in the order in which the leads speak."""
        facts, decided = self.env["crm.lead.merge.fields"], {}
        for name, rule in leads._merge_get_fields_specific().items():
            field = leads._fields.get(name)
            if not field or not field.store or field.type in ("one2many", "many2many"):
                continue  # links move by the ledger
            value = rule(name, leads)
            if name in facts._get_reference_fields() and value in leads.ids:
                value = False  # see `InnerReferences`
            said = {lead.id: values[lead.id].get(name) for lead in leads}
            origin_id = next(
                (lead_id for lead_id, one in said.items() if one == value), None
            )
            key = facts._get_key(name, leads)
            united = field.type == "html" and origin_id is None
            others = () if united else other_values(said, value, key)
            decided[name] = Decision(name, value, origin_id, others)
        return decided

    @api.model
    def _decide_own(self, leads, values, decisions):
        """Let the survivor keep what is each record's own, whoever it belongs to
        otherwise: a bundle, or a hook.

        :return: {field: Decision}
        """
        return {
            name: self._decide_unique(name, leads, values, None)
            for name in self.env["crm.lead.merge.fields"]._get_unique_fields()
            if name in decisions
            and name in values[leads[0].id]
            and decisions[name].value != values[leads[0].id][name]
        }

    @api.model
    def _decide_files(self, leads, options):
        """Decide the fields whose values are attachments; the value is the id of one.
        Two files that are equal are one value."""
        facts = self.env["crm.lead.merge.fields"]
        names = facts._get_file_fields()
        found = facts._find_files(leads)
        checksums = {file["id"]: file["checksum"] for file in found.values()}
        return {
            name: decide_field(
                name,
                {lead.id: found.get((lead.id, name), {}).get("id") for lead in leads},
                checksums.get,
                options.chosen.get(name),
            )
            for name in names
            if any((lead.id, name) in found for lead in leads)
        }

    @api.model
    def _force_assignment(self, leads, decisions, options):
        """Let what was chosen for the result replace what the leads say."""
        forced = {
            "user_id": options.user_id,
            "team_id": options.team_id,
        }
        if options.convert:
            forced.update(type="opportunity", active=True)
        if not decisions["company_id"].value and leads.company_id:
            # what is one company's, a merge does not hand to all of them
            forced["company_id"] = leads.company_id[0].id
        for name, value in forced.items():
            if value is not None:
                self._force(decisions, name, value)
        stage = self._find_stage(leads, decisions)
        if stage is not None:
            self._force(decisions, "stage_id", stage)

    @api.model
    def _force(self, decisions, name, value):
        decision = decisions[name]
        if decision.value == value:
            return
        said = [SetAside(decision.origin_id, decision.value), *decision.set_aside]
        others = [one for one in said if one.value != value and not is_blank(one.value)]
        decisions[name] = Decision(name, value, None, tuple(others))

    @api.model
    def _find_stage(self, leads, decisions):
        """Return the id of the stage to use instead of one that the channel lacks."""
        team_id, stage_id = decisions["team_id"].value, decisions["stage_id"].value
        if not team_id:
            return None
        stages = self.env["crm.stage"].with_context(active_test=False)
        # sudo: for which channels a stage is, those of other companies included
        teams = stages.sudo().browse(stage_id or ()).team_ids
        if stage_id and (not teams or team_id in teams.ids):
            return None
        first = stages.search(
            ["|", ("team_ids", "=", False), ("team_ids", "in", team_id)],
            order="sequence, id",
            limit=1,
        )
        return first.id

    @api.model
    def _decide_properties(self, leads, values, decisions, options):
        """Keep the properties of the channel of the result; set aside those that differ
        and those that another channel defines. A property is decided as a field of its
        own, called ``lead_properties.<its name>``."""
        said = {lead.id: values[lead.id]["lead_properties"] for lead in leads}
        team_id = decisions["team_id"].value
        speaking = leads.filtered(lambda lead: lead.team_id.id == team_id)
        names = dict.fromkeys(name for values in said.values() for name in values)
        decided = {
            name: decide_field(
                name,
                {lead.id: said[lead.id].get(name) for lead in speaking} or {0: None},
                self._get_property_key(),
                options.chosen.get(f"lead_properties.{name}"),
            )
            for name in names
        }
        kept = {
            name: one.value for name, one in decided.items() if one.value is not None
        }
        if leads[0] in speaking:
            kept = {**said[leads[0].id], **kept}
        decisions = {"lead_properties": Decision("lead_properties", kept, None)}
        for name, one in decided.items():
            everything = {lead_id: values.get(name) for lead_id, values in said.items()}
            others = other_values(everything, one.value, self._get_property_key())
            field = f"lead_properties.{name}"
            decisions[field] = Decision(field, one.value, one.origin_id, others)
        return decisions

    @api.model
    def _get_property_key(self):
        return lambda value: tuple(value) if isinstance(value, list) else value
