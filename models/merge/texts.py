import logging
from collections import defaultdict

from lxml import etree

from odoo import api, models
from odoo.tools import SQL

from ...references.python_text import PythonText, mentions
from ...references.rewritten_text import RewrittenText

_logger = logging.getLogger(__name__)

#: Where people write ids into texts that are Python: (model, field with the text, field
#: with the model it is about).
REWRITTEN = (
    ("base.automation", "filter_domain", "model_id"),
    ("base.automation", "filter_pre_domain", "model_id"),
    ("ir.actions.act_window", "context", "res_model"),
    ("ir.actions.act_window", "domain", "res_model"),
    ("ir.filters", "context", "model_id"),
    ("ir.filters", "domain", "model_id"),
    ("mail.alias", "alias_defaults", "alias_model_id"),
    ("mailing.filter", "mailing_domain", "mailing_model_id"),
    ("mailing.mailing", "mailing_domain", "mailing_model_id"),
)
#: Where they are left as they are, and named: programs, who may see what, and what
#: people have laid out for themselves.
NAMED = (
    ("ir.actions.server", "code", "model_id"),
    ("ir.actions.server", "value", "model_id"),
    ("ir.rule", "domain_force", "model_id"),
    ("ir.ui.view.custom", "arch", None),
)


class CrmLeadMerge(models.Model):
    """What becomes of texts that name a merged-away lead by its number: domains,
    contexts and default values are rewritten where they say that it is a lead's; others
    are left, and named in the chatter."""

    _inherit = "crm.lead.merge"

    @api.model
    def _get_text_places(self):
        """Return ((model, field with the text, field with the model it is about,
        whether it may be rewritten), …) of those that are there."""
        places = [
            *((*place, True) for place in REWRITTEN),
            *((*place, False) for place in NAMED),
        ]
        return tuple(
            place
            for place in places
            if place[0] in self.env
            and (field := self.env[place[0]]._fields.get(place[1])) is not None
            and field.store
        )

    @api.model
    def _find_texts(self, sources):
        """Return the texts that have the number of any of `sources`, in one query.

        :return: [(place, row id, model it is about, text), …]
        """
        places = self._get_text_places()
        numbers = rf"\m({'|'.join(map(str, sources.ids))})\M"
        self.env.flush_all()
        # Raw SQL: of a dozen models in one query; whoever may read them, what names a
        # lead that is gone is to be found.
        rows = self.env.execute_query(
            SQL(" UNION ALL ").join(
                SQL(
                    "SELECT %s, t.id, %s, t.%s::text FROM %s t WHERE t.%s ~ %s",
                    number,
                    self._get_text_model(model, model_field),
                    SQL.identifier(field),
                    SQL.identifier(self.env[model]._table),
                    SQL.identifier(field),
                    numbers,
                )
                for number, (model, field, model_field, _may) in enumerate(places)
            )
        )
        return [
            (places[number], row_id, model or "", text)
            for number, row_id, model, text in rows
        ]

    @api.model
    def _get_text_model(self, model, model_field):
        """SQL: the name of the model that a text is about."""
        if not model_field:
            return SQL("NULL")
        column = SQL.identifier("t", model_field)
        if self.env[model]._fields[model_field].type == "many2one":
            return SQL("(SELECT model FROM ir_model WHERE id = %s)", column)
        return column

    def _rewrite_texts(self, texts, survivor, sources):
        """Rewrite the `texts` that name one of `sources`, as far as they say so; name
        those that are left in the chatter.

        :param texts: see `_find_texts`
        """
        rewritten, left = defaultdict(dict), {}
        for place, row_id, model, text in texts:
            model_name, field, _model_field, may_rewrite = place
            python = self._read_text(text, model, sources.ids)
            if python.is_found and may_rewrite:
                rewritten[model_name, field][row_id] = python.replaced(survivor.id)
            if model_name == "ir.ui.view.custom":
                is_left = self._is_named_on_board(text, sources.ids)
            elif model_name == "ir.actions.server" or not python.is_parsed:
                is_left = self._is_named_in_program(text, model, sources.ids)
            else:
                is_left = python.is_doubtful or (python.is_found and not may_rewrite)
            if is_left:
                left[model_name, row_id] = True
        for (model_name, field), new in rewritten.items():
            table = self.env[model_name]._table
            place = RewrittenText(
                table, field, model_name, field, texts=tuple(sorted(new.items()))
            )
            self._move_reference(place, survivor, sources)
            self.env["crm.lead.journal"]._drop_caches([table])
        if left:
            self._name_texts(left, survivor)

    @api.model
    def _read_text(self, text, model, lead_ids):
        return PythonText(text, model, lead_ids, self._get_comodel, "crm.lead")

    @api.model
    def _get_comodel(self, model, path):
        """Return the model of the records whose ids a comparison with `path` takes."""
        *names, last = path.split(".")
        for name in names:
            field = self.env[model]._fields.get(name) if model in self.env else None
            model = field.comodel_name if field is not None else None
        if model not in self.env:
            return None
        if last == "id":
            return model
        field = self.env[model]._fields.get(last)
        return field.comodel_name if field is not None else None

    @api.model
    def _is_named_in_program(self, text, model, lead_ids):
        """Return whether a program may mean one of the leads by one of its numbers."""
        words = ["crm.lead", *self._get_names_of_fields(model)]
        if model == "crm.lead":
            words += ["browse", "id", "ids"]
        return mentions(text, lead_ids, words)

    @api.model
    def _get_names_of_fields(self, model):
        """Return the names of the fields of a model that point to leads."""
        if model not in self.env:
            return []
        fields = self.env[model]._fields.values()
        return [field.name for field in fields if field.comodel_name == "crm.lead"]

    @api.model
    def _is_named_on_board(self, arch, lead_ids):
        """Return whether an action that somebody has put on his board names a lead."""
        try:
            nodes = etree.fromstring(arch).iter("action")
        except (etree.XMLSyntaxError, ValueError):
            return False
        for node in nodes:
            number = node.get("name", "")
            # sudo: which model an action is about
            action = self.env["ir.actions.act_window"].sudo()
            action = action.browse(int(number) if number.isdecimal() else 0).exists()
            for name in ("domain", "context"):
                text = self._read_text(
                    node.get(name, ""), action.res_model or "", lead_ids
                )
                if text.is_found or text.is_doubtful:
                    return True
        return False

    def _name_texts(self, left, survivor):
        """Say in the chatter which texts name a merged-away lead still: by their kind
        and number, as whose they are, and what they are called, is not for everybody.

        :param left: {(model, id): True}
        """
        kinds = {
            # sudo: what a kind of record is called, is no secret
            model_name: self.env["ir.model"].sudo()._get(model_name).name
            for model_name, _row_id in left
        }
        items = [
            self.env._("%(kind)s number %(number)s", kind=kinds[model], number=row_id)
            for model, row_id in left
        ]
        _logger.warning("Merge %s leaves texts that name leads: %s", self.id, items)
        body = self.env["ir.qweb"]._render(
            "crm_lead_qualification.merge_texts_note",
            {"texts": items},
            minimal_qcontext=True,
        )
        # sudo: whoever may merge the leads is told so on the result
        survivor.sudo()._message_log(body=body)
