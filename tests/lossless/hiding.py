"""Where the id of a lead hides: texts that name it, and tables that are divided,
inherit, or are called like others; one function a kind, as in `related`."""

from .related import kind


def divide(env, table, column, schema):
    """Divide a table by a column, as the keeper of a database does, with half of it in
    another schema. What points to its rows does so without a foreign key from then on,
    as before PostgreSQL 12."""
    for statement in (
        f"ALTER TABLE {table} RENAME TO undivided",
        f"""CREATE TABLE {table} (LIKE undivided INCLUDING DEFAULTS)
            PARTITION BY HASH ({column})""",
        f"""CREATE TABLE {table}_0 PARTITION OF {table}
            FOR VALUES WITH (MODULUS 2, REMAINDER 0)""",
        f"""CREATE TABLE {schema}.{table} PARTITION OF {table}
            FOR VALUES WITH (MODULUS 2, REMAINDER 1)""",
        f"INSERT INTO {table} SELECT * FROM undivided",
        f"ALTER SEQUENCE IF EXISTS {table}_id_seq OWNED BY NONE",
        "DROP TABLE undivided CASCADE",
    ):
        env.cr.execute(statement)


def rearrange_tables(env):
    """Divide a table, have others inherit from them, and call one like one of Odoo's.

    No table of links is divided: Odoo does not see that it is there, and makes it anew
    whenever a field of its model changes.
    """
    env.flush_all()
    env.cr.execute("CREATE SCHEMA trial")
    divide(env, "x_lead_trial", "id", "trial")
    for statement in (
        """ALTER TABLE x_lead_trial
             ADD FOREIGN KEY (x_trial_lead) REFERENCES crm_lead (id)""",
        "CREATE TABLE trial.mail_message () INHERITS (mail_message)",
        "CREATE TABLE trial.mail_followers () INHERITS (mail_followers)",
        "CREATE TABLE trial.links () INHERITS (x_crm_lead_x_lead_trial_rel)",
        """CREATE TABLE trial.calendar_event (
               opportunity_id int REFERENCES crm_lead (id) ON DELETE CASCADE)""",
    ):
        env.cr.execute(statement)


@kind
def old_message(world, lead, other):
    """A message in a table that inherits from that of messages; of a type that no
    other message answers, as the foreign key of answers does not look there."""
    message = world.env["mail.message"].create(
        {"model": "crm.lead", "res_id": lead.id, "body": "Old",
         "message_type": "user_notification"}
    )  # fmt: skip
    message.flush_recordset()
    world.env.cr.execute(
        """WITH gone AS (DELETE FROM ONLY mail_message WHERE id = %s RETURNING *)
           INSERT INTO trial.mail_message SELECT * FROM gone""",
        [message.id],
    )


@kind
def stranger_elsewhere(world, lead, other):
    """A row that would be deleted with its lead, which is none of the merged."""
    world.env.cr.execute(
        "INSERT INTO trial.calendar_event VALUES (%s)", [world.other_lead.id]
    )


@kind
def server_action(world, lead, other):
    world.env["ir.actions.server"].create(
        {
            "name": "Trial",
            "model_id": world.env["ir.model"]._get_id("calendar.event"),
            "state": "object_write",
            "update_path": "opportunity_id",
            "evaluation_type": "value",
            "value": str(lead.id),
            "resource_ref": f"crm.lead,{other.id}",
        }
    )


@kind
def program(world, lead, other):
    world.env["ir.actions.server"].create(
        {
            "name": "Trial",
            "model_id": world.env["ir.model"]._get_id("crm.lead"),
            "state": "code",
            "code": f"env['crm.lead'].browse([{lead.id}, {other.id}])",
        }
    )


@kind
def alias_defaults(world, lead, other):
    world.env["mail.alias"].create(
        {
            "alias_name": False,
            "alias_model_id": world.env["ir.model"]._get_id("calendar.event"),
            "alias_defaults": repr({"opportunity_id": lead.id, "name": str(other.id)}),
        }
    )


@kind
def favorite(world, lead, other):
    world.env["ir.filters"].create(
        {
            "name": f"Trial {lead.id}",
            "model_id": "crm.lead",
            "user_ids": world.user.ids,
            "domain": f"[('id', 'in', [{lead.id}, {other.id}]), ('user_id', '=', uid)]",
            "context": repr({"default_x_trial_lead": lead.id}),
        }
    )


@kind
def mailing(world, lead, other):
    if getattr(world.env["crm.lead"], "_mailing_enabled", False):
        world.env["mailing.mailing"].create(
            {
                "subject": "Trial",
                "mailing_model_id": world.env["ir.model"]._get_id("crm.lead"),
                "mailing_domain": f"[('id', 'in', [{lead.id}, {other.id}])]",
            }
        )
