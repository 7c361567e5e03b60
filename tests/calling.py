"""What a program may send to a public method, made up from what the method asks for."""

import inspect

from odoo.exceptions import AccessError
from odoo.service.model import get_public_method

ADDON = "crm_lead_qualification"
#: Dialogs and records of Odoo itself that this addon adds to.
EXTENDED = (
    "crm.lead",
    "crm.lead2opportunity.partner",
    "crm.lead2opportunity.partner.mass",
    "crm.merge.opportunity",
)
RELATIONAL = ("many2one", "one2many", "many2many")


def find_models(env):
    """Return the names of the models that are ours, or that we add methods to."""
    return [
        name
        for name, model_class in env.registry.items()
        if model_class._original_module == ADDON or name in EXTENDED
    ]


def find_methods(model):
    """Yield (name, function) of whatever a program may call on `model`."""
    for name in dir(type(model)):
        try:
            method = get_public_method(model, name)
        except (AccessError, AttributeError):
            continue
        if inspect.isfunction(method):
            yield name, method


def is_ours(model, name):
    """Return whether this addon defines, or overrides, the method of that name; what
    each model inherits from `base` aside."""
    return any(
        name in vars(owner)
        and owner.__module__.startswith(f"odoo.addons.{ADDON}.")
        and owner.__module__ != f"odoo.addons.{ADDON}.models.base"
        for owner in type(model).__mro__
    )


class Arguments:
    """Makes up the arguments of calls, so that each names records that may not be read.

    :param secret: {model: records}
    :param str word: what is in them
    """

    def __init__(self, secret, word):
        self.secret = secret
        self.word = word
        self.described = {}

    def make(self, model, method, ids=None):
        """Return {parameter: value} for `method` of `model`; what has a default and no
        meaning that is known here is left out.

        :param ids: of the records that it is called on
        :raise LookupError: naming a parameter of ours that is required and not known
        """
        made = {}
        parameters = list(inspect.signature(method).parameters.values())
        for parameter in parameters[1:]:
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                continue
            make = getattr(self, f"make_{parameter.name}", None)
            if make:
                made[parameter.name] = make(model)
                if parameter.name == "vals_list" and ids:
                    made["vals_list"] *= len(ids)
            elif parameter.default is not parameter.empty:
                continue
            elif not is_ours(model, method.__name__):
                made[parameter.name] = 1  # of whatever addon is installed here
            else:
                raise LookupError(f"{model._name}.{method.__name__}: {parameter.name}")
        return made

    def get_ids(self, name):
        """Return ids of hidden records of a model; of customers none, as Odoo itself
        tells the name of any record that somebody puts into a field of their own."""
        hidden = name in self.secret and name != "res.partner"
        return self.secret[name].ids if hidden else []

    # ------------------------------------------------------------
    # Values
    # ------------------------------------------------------------

    def make_vals(self, model):
        """Name a hidden record in each field that takes one."""
        vals = {}
        for name, field in model._fields.items():
            ids = field.relational and self.get_ids(field.comodel_name)
            if not ids:
                continue
            if field.type == "many2one":
                vals[name] = ids[0]
            elif field.type == "many2many":
                vals[name] = [[6, 0, ids]]
            elif field.type == "one2many":
                vals[name] = [[4, ids[0], 0]]
        leads = self.get_ids("crm.lead")
        more = {
            "name": "merge" if model._transient else "Text",
            "res_model": "crm.lead.merge",
            "res_id": (self.get_ids("crm.lead.merge") or leads)[0],
            "lead_res_id": leads[0],
            "survivor_res_id": leads[0],
            "proposal": "merge",
            "action": "exist",
            "choices": {"city": leads[0]},
        }
        vals.update({name: more[name] for name in more if name in model._fields})
        return vals

    make_values = make_vals

    def make_vals_list(self, model):
        return [self.make_vals(model)]

    def make_default(self, model):
        return {}

    # ------------------------------------------------------------
    # Fields
    # ------------------------------------------------------------

    def describe(self, model):
        """Return {field: type} of what the user may see of a model."""
        key = (model._name, model.env.uid)
        if key not in self.described:
            told = model.fields_get(attributes=["type"])
            self.described[key] = {name: one["type"] for name, one in told.items()}
        return self.described[key]

    def make_fields(self, model):
        return list(self.describe(model))

    make_fields_to_export = make_fields

    def make_field_names(self, model):
        seen = self.describe(model)
        return [name for name in self.make_vals(model) if name in seen]

    def make_field_name(self, model):
        return next(
            (
                name
                for name, field in model._fields.items()
                if field.comodel_name == "crm.lead"
                and field.type == "many2one"
                and field.store
            ),
            model._rec_name or "id",
        )

    def make_full_name(self, model):
        return "lead_properties.note"

    def make_groupby(self, model):
        return [self.make_field_name(model)]

    def make_group_by(self, model):
        return self.make_field_name(model)

    def make_grouping_sets(self, model):
        return [[self.make_field_name(model)], []]

    def make_aggregates(self, model):
        return ["__count", "id:array_agg"]

    def make_having(self, model):
        return []

    def make_specification(self, model):
        return {
            name: {"fields": {"display_name": {}}} if kind in RELATIONAL else {}
            for name, kind in self.describe(model).items()
        }

    make_fields_spec = make_specification

    def make_progress_bar(self, model):
        return {"field": self.make_field_name(model), "colors": {"done": "success"}}

    def make_domain(self, model):
        return []

    # ------------------------------------------------------------
    # Records
    # ------------------------------------------------------------

    def make_lead_id(self, model):
        return self.get_ids("crm.lead")[0]

    def make_other_lead_id(self, model):
        return self.get_ids("crm.lead")[1]

    def make_lead_ids(self, model):
        return self.get_ids("crm.lead")

    make_thread_id = make_res_id = make_next_id = make_new = make_lead_id

    def make_res_ids(self, model):
        return self.get_ids("crm.lead")

    def make_new_thread(self, model):
        return self.secret["crm.lead"][0].with_env(model.env)

    make_meeting = make_new_thread

    def make_partner(self, model):
        return self.secret["res.partner"].ids[0]

    def make_partner_ids(self, model):
        return self.secret["res.partner"].ids

    def make_user_ids(self, model):
        return [model.env.uid]

    def make_user_id(self, model):
        return model.env.uid

    make_new_user_id = make_user_id

    # ------------------------------------------------------------
    # Texts and the like
    # ------------------------------------------------------------

    def make_name(self, model):
        return self.word[:4]  # which is enough to find the rest

    def make_text(self, model):
        return "Text"

    make_body = make_subject = make_summary = make_note = make_feedback = make_text
    make_help_message = make_email_from = make_text

    def make_operation(self, model):
        return "read"

    def make_view_type(self, model):
        return "form"

    def make_view_id(self, model):
        return False

    def make_views(self, model):
        return [[False, "form"], [False, "list"], [False, "search"]]

    def make_model(self, model):
        return "crm.lead"

    make_model_name = make_model

    def make_date_deadline(self, model):
        return "2030-01-01"

    make_start_datetime = make_date_deadline

    def make_act_type_xmlid(self, model):
        return "mail.mail_activity_data_todo"

    def make_act_type_xmlids(self, model):
        return ["mail.mail_activity_data_todo"]

    def make_source_ref(self, model):
        return "mail.message_activity_done"

    def make_template_id(self, model):
        return 1

    def make_notification_type(self, model):
        return "email"

    def make_translations(self, model):
        return {"en_US": "Text"}

    def make_source_lang(self, model):
        return "en_US"

    def make_data(self, model):
        return [[str(one) for one in self.make_fields(model)]]

    def make_msg_dict(self, model):
        return {
            "subject": "Text",
            "from": "x@example.com",
            "email_from": "x@example.com",
            "to": "x@example.com",
            "body": "Text",
            "message_id": "<1@example.com>",
            "author_id": False,
        }

    make_message_dict = make_msg_dict

    def make_message(self, model):
        return "From: x@example.com\nTo: x@example.com\nSubject: Text\n\nText"

    def make_update_vals(self, model):
        return {}

    make_custom_values = make_update_vals
    make_query = make_update_vals
