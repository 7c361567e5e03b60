"""Fields that other addons, or people, could add to leads: made for some tests."""

from odoo import fields, models
from odoo.fields import Command


def add_custom_fields(env, **types):
    """Add custom fields to leads, as people do.

    :param types: name of the field: its type, or the values of an ``ir.model.fields``;
        ``selection`` is a list of (value, label)
    """
    env["ir.model.fields"].create(
        [_prepare_vals(env, name, one) for name, one in types.items()]
    )


def _prepare_vals(env, name, one):
    values = {"ttype": one} if isinstance(one, str) else dict(one)
    values["selection_ids"] = [
        Command.create({"value": value, "name": label, "sequence": sequence})
        for sequence, (value, label) in enumerate(values.pop("selection", ()))
    ]
    return {
        "model_id": env["ir.model"]._get_id("crm.lead"),
        "name": name,
        "field_description": name,
        **values,
    }


def extend_lead(test_class, **attributes):
    """Extend the model of leads, as another addon does, until the class ends.

    :param attributes: of the class: fields, methods, and what else a model may have
    """
    registry, cr = test_class.env.registry, test_class.env.cr
    model = registry["crm.lead"]
    known = model._base_classes__
    names = {"_name": "crm.lead", "_inherit": ["crm.lead"], "_register": False}
    extension = type(models.Model)(
        "CrmLead",
        (models.Model,),
        {**names, "__module__": __name__, **attributes},
    )
    previous = {
        name: getattr(model, name) for name in attributes if hasattr(model, name)
    }

    def take_back():
        model._base_classes__ = known
        for name, value in previous.items():
            setattr(model, name, value)

    # before the registry is set up anew, which is the last clean-up of all
    test_class.addClassCleanup(take_back)
    model._base_classes__ = (extension, *known)
    for name, value in attributes.items():
        if name in ("_parent_name", "_parent_store"):
            setattr(model, name, value)
    registry._setup_models__(cr, ["crm.lead"])
    registry.init_models(cr, ["crm.lead"], {"models_to_check": True})


def add_hierarchy(test_class):
    """Let leads have parents, as models with ``_parent_store`` have."""
    extend_lead(
        test_class,
        _parent_name="x_parent_id",
        _parent_store=True,
        x_parent_id=fields.Many2one("crm.lead", "Parent"),
        parent_path=fields.Char(),
    )
