"""How tables change between merge and undo: addons are installed and updated, and
administrators add fields."""

from odoo.tools import SQL

from .later import Later, later

#: What is rare among what happens, as each of it takes a second.
RARE = {
    "add_nullable_column", "add_required_column", "add_computed_field",
    "translate_field", "retype_field", "add_column_elsewhere",
}  # fmt: skip


def _sql(now: Later, statement):
    now.env.flush_all()
    now.env.cr.execute(SQL(statement))
    now.env.invalidate_all()


@later
def add_nullable_column(now):
    name = now.world.next_name()
    _sql(now, f"ALTER TABLE crm_lead ADD COLUMN x_{name} varchar")


@later
def add_required_column(now):
    name = now.world.next_name()
    _sql(now, f"ALTER TABLE crm_lead ADD COLUMN x_{name} varchar")
    _sql(now, f"UPDATE crm_lead SET x_{name} = 'old'")
    _sql(now, f"ALTER TABLE crm_lead ALTER COLUMN x_{name} SET NOT NULL")


@later
def add_column_elsewhere(now):
    name = now.world.next_name()
    table = ("mail_followers", "mail_message", "x_lead_trial")[now.number % 3]
    _sql(now, f"ALTER TABLE {table} ADD COLUMN x_{name} int NOT NULL DEFAULT 7")


@later
def add_computed_field(now):
    name = f"x_{now.world.next_name()}"
    now.has_new_columns = True
    now.computed.add(("crm_lead", name))
    now.env["ir.model.fields"].create(
        {"model_id": now.env["ir.model"]._get_id("crm.lead"), "name": name,
         "field_description": name, "ttype": "char", "readonly": True, "store": True,
         "depends": "name,city",
         "compute": f"for lead in self: lead['{name}'] = 'New ' + (lead.city or '')"}
    )  # fmt: skip


@later
def translate_field(now):
    field = now.env["ir.model.fields"]._get("crm.lead", "x_trial_plain")
    if field and not field.translate:
        now.has_new_columns = True
        field.translate = "standard"
        # one text, which all languages have
        now.converted["crm_lead", "x_trial_plain"] = lambda text: (
            None if text is None else {"en_US": text}
        )


@later
def retype_field(now):
    """A text becomes a number, where it says one."""
    if ("crm_lead", "x_trial_retyped") in now.converted:
        return
    _sql(
        now,
        """ALTER TABLE crm_lead ALTER COLUMN x_trial_retyped TYPE int
             USING CASE WHEN x_trial_retyped ~ '^[0-9]+$'
                        THEN x_trial_retyped::int END""",
    )
    now.converted["crm_lead", "x_trial_retyped"] = lambda text: (
        int(text) if text and text.isdigit() else None
    )
