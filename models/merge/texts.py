import logging
from collections import defaultdict

from lxml import etree

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


def get_places(env):
    """Return ((model, field with the text, field with the model it is about, whether it
    may be rewritten), …) of those that are there."""
    places = [
        *((*place, True) for place in REWRITTEN),
        *((*place, False) for place in NAMED),
    ]
    return tuple(
        place
        for place in places
        if place[0] in env
        and (field := env[place[0]]._fields.get(place[1])) is not None
        and field.store
    )


def find_texts(sources):
    """Return the texts that have the number of any of the leads, in one query.

    :return: [(place, row id, model it is about, text), …]
    """
    env = sources.env
    places = env["crm.lead.merge"]._get_text_places()
    numbers = rf"\m({'|'.join(map(str, sources.ids))})\M"
    env.flush_all()
    # Raw SQL: of a dozen models in one query; whoever may read them, what names a lead
    # that is gone is to be found.
    rows = env.execute_query(
        SQL(" UNION ALL ").join(
            SQL(
                "SELECT %s, t.id, %s, t.%s::text FROM %s t WHERE t.%s ~ %s",
                number,
                _get_model(env[model], model_field),
                SQL.identifier(field),
                SQL.identifier(env[model]._table),
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


def _get_model(model, model_field):
    """SQL: the name of the model that a text of `model` is about."""
    if not model_field:
        return SQL("NULL")
    column = SQL.identifier("t", model_field)
    if model._fields[model_field].type == "many2one":
        return SQL("(SELECT model FROM ir_model WHERE id = %s)", column)
    return column


class NamedLeads:
    """Texts that name a merged-away lead by its number: domains, contexts and default
    values are rewritten where they say that it is a lead's; others are left, and named
    in the chatter.

    :param moving: the `Moving` of the merge
    """

    def __init__(self, moving):
        self.env = moving.env
        self.moving = moving
        self.lead_ids = moving.sources.ids

    def rewrite(self, texts):
        """Rewrite the texts that name one of the sources, as far as they say so; name
        those that are left in the chatter.

        :param texts: see `find_texts`
        """
        rewritten, left = defaultdict(dict), {}
        for place, row_id, model, text in texts:
            model_name, field, _model_field, may_rewrite = place
            python = self._read(text, model)
            if python.is_found and may_rewrite:
                survivor_id = self.moving.survivor.id
                rewritten[model_name, field][row_id] = python.replaced(survivor_id)
            if model_name == "ir.ui.view.custom":
                is_left = self._is_named_on_board(text)
            elif model_name == "ir.actions.server" or not python.is_parsed:
                is_left = self._is_named_in_program(text, model)
            else:
                is_left = python.is_doubtful or (python.is_found and not may_rewrite)
            if is_left:
                left[model_name, row_id] = True
        for (model_name, field), new in rewritten.items():
            table = self.env[model_name]._table
            place = RewrittenText(
                table, field, model_name, field, texts=tuple(sorted(new.items()))
            )
            self.moving.move_reference(place)
            self.env["crm.lead.journal"]._drop_caches([table])
        if left:
            self._tell(left)

    def _read(self, text, model):
        return PythonText(text, model, self.lead_ids, self._get_comodel, "crm.lead")

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

    def _is_named_in_program(self, text, model):
        """Return whether a program may mean one of the leads by one of its numbers."""
        words = ["crm.lead", *self._get_names_of_fields(model)]
        if model == "crm.lead":
            words += ["browse", "id", "ids"]
        return mentions(text, self.lead_ids, words)

    def _get_names_of_fields(self, model):
        """Return the names of the fields of a model that point to leads."""
        if model not in self.env:
            return []
        fields = self.env[model]._fields.values()
        return [field.name for field in fields if field.comodel_name == "crm.lead"]

    def _is_named_on_board(self, arch):
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
                text = self._read(node.get(name, ""), action.res_model or "")
                if text.is_found or text.is_doubtful:
                    return True
        return False

    def _tell(self, left):
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
        _logger.warning(
            "Merge %s leaves texts that name leads: %s", self.moving.merge.id, items
        )
        body = self.env["ir.qweb"]._render(
            "crm_lead_qualification.merge_texts_note",
            {"texts": items},
            minimal_qcontext=True,
        )
        # sudo: whoever may merge the leads is told so on the result
        self.moving.survivor.sudo()._message_log(body=body)
