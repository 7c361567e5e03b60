"""What people do between merge and undo: one function each, called with what they know
and with the number by which they choose.

Each says by its arguments what it needs: the world, the survivor, the merge, other
leads, and a number. Whatever does not apply to the case does nothing.
"""

import base64
from dataclasses import dataclass, field

from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.crm_lead_qualification.engine.plan import MergeOptions

from .related import KINDS

LATER = {}


@dataclass
class Later:
    """What is known between merge and undo.

    :param world: see `World`
    :param merge: the journal record, as who merged has it
    :param survivor: the lead that holds everything
    :param source_ids: ids of the leads that went into it
    :param number: by which one of several is chosen
    :param values: the values to write, as `World.find` understands them
    :param converted: {(table, column): function} from what a value was to what it is
        in a column that has another type since
    :param has_new_columns: the registry has to be set up anew afterwards
    :param adopted_tables: what is done to these counts as done by the merge; None: to
        all tables
    :param said: {(table, id, column): what a file has said of a merged lead}
    :param computed: {(table, column), …} of new columns that the ORM computes
    """

    world: object
    merge: object
    survivor: object
    source_ids: list
    number: int = 0
    values: dict = field(default_factory=dict)
    converted: dict = field(default_factory=dict)
    has_new_columns: bool = False
    adopted_tables: tuple | None = ()
    said: dict = field(default_factory=dict)
    computed: set = field(default_factory=set)

    @property
    def env(self):
        return self.world.env

    def pick(self, records):
        """Return one of several records, or none."""
        return records[self.number % len(records)] if records else records

    def find(self, model, /, **equal):
        """Return the records of a model that have these values, by age."""
        if model not in self.env.registry:
            return self.env["crm.lead"].browse()
        domain = [(name, "=", value) for name, value in equal.items()]
        records = self.env[model].with_context(active_test=False)
        return records.search(domain, order="id")

    def of_survivor(self, model, model_field="res_model", id_field="res_id"):
        """Return the records of a model that hang on the survivor."""
        equal = {model_field: "crm.lead", id_field: self.survivor.id}
        return self.find(model, **equal)


def later(function):
    """Register what people may do under the name of the function."""
    LATER[function.__name__] = function
    return function


# ------------------------------------------------------------
# Values
# ------------------------------------------------------------


@later
def write_survivor(now):
    _write(now, now.survivor)


@later
def write_other_lead(now):
    _write(now, now.world.other_lead)


def _write(now, lead):
    lead.write(
        {
            name: now.world.find(lead._fields[name], value)
            for name, value in now.values.items()
        }
    )


@later
def write_file(now):
    content = base64.b64encode(f"Later {now.number}".encode())
    names = ("x_trial_binary", "x_trial_bytea")
    name = names[now.number % 2]
    now.survivor[name] = content


@later
def remove_file(now):
    now.survivor.x_trial_binary = False


@later
def write_property(now):
    """A property of the channel of the survivor: one of them, as the form does."""
    defined = {
        one["name"] for one in now.survivor.team_id.lead_properties_definition or ()
    }
    changes = (
        {"seats": 77}, {"colour": "Later"}, {"lead": now.world.other_lead.id},
        {"colour": False}, {"leads": now.world.other_lead.ids},
    )[now.number % 5]  # fmt: skip
    if defined.issuperset(changes):
        now.survivor.lead_properties = changes


@later
def translate(now):
    lang = ("fr_FR", "en_US")[now.number % 2]
    now.survivor.with_context(lang=lang).x_trial_translated = f"Later {lang}"


@later
def write_for_company(now):
    company = (now.world.company, now.world.other_company)[now.number % 2]
    lead = now.survivor.with_company(company)
    lead.x_trial_of_company = "Later"
    lead.x_trial_customer_of_company = now.world.customers[1]


@later
def type_total(now):
    now.survivor.x_trial_total = 123


@later
def change_state(now):
    lead = now.survivor
    action = (
        lead.action_set_lost, lead.action_unarchive, lead.action_archive,
        lambda: lead.write({"probability": 33}),
    )[now.number % 4]  # fmt: skip
    action()


@later
def take_value(now):
    """Take what was set aside: as if the merge had decided so."""
    value = now.pick(now.merge.sudo().value_ids)
    if value and not _is_reference_to_itself(now, value):
        value.with_user(now.world.user).action_take()
        now.adopted_tables = None


@later
def change_channel(now):
    """Which has other properties."""
    now.survivor.team_id = now.pick(now.world.teams)


@later
def load_again(now):
    """A file that names one of the leads comes again."""
    external_id = now.pick(
        now.find("ir.model.data", module="__import__", model="crm.lead",
                 res_id=now.survivor.id)
    )  # fmt: skip
    if not external_id:
        return
    said = {"city": f"Town {now.number}", "x_trial_text": f"Loaded {now.number}"}
    source = now.merge.sudo().source_ids.filtered(
        lambda source: external_id in source.external_id_ids
    )
    lead_id = source.source_res_id
    if source:
        now.adopted_tables = ("crm_lead",)
        now.said.update(
            {("crm_lead", lead_id, name): value for name, value in said.items()}
        )
    now.env["crm.lead"].with_user(now.world.user).load(
        ["id", *said], [[external_id.complete_name, *said.values()]]
    )


@later
def merge_on_top(now):
    """The result is merged again: that is undone first."""
    lead = now.env["crm.lead"].create({"name": "Another"})
    leads = (now.survivor + lead).with_user(now.world.user)
    options = MergeOptions(survivor_id=now.pick(leads).id)
    merge = leads.env["crm.lead.merge"]._merge(leads, options)
    try:
        with now.env.cr.savepoint():
            now.merge.action_undo(force=True)
    except UserError:
        merge.action_undo(force=True)
    else:
        raise AssertionError("A merge is undone before the one that rests on it")


def _is_reference_to_itself(now, value):
    return value.field_name == "x_trial_lead"


@later
def number_elsewhere(now):
    """The number that a merged-away lead had is given to another one."""
    numbers = ("x_trial_code", "x_trial_number", "x_trial_serial")
    value = now.pick(
        now.merge.sudo().value_ids.filtered(lambda row: row.field_name in numbers)
    )
    if value:
        now.world.other_lead[value.field_name] = value.value


# ------------------------------------------------------------
# Messages, files, activities, followers
# ------------------------------------------------------------


@later
def post(now):
    parent = now.pick(now.survivor.message_ids)
    values = {"body": "Later", "parent_id": parent.id}
    now.survivor.message_post(**values)


@later
def edit_message(now):
    now.pick(now.survivor.message_ids).body = "<p>No</p>"


@later
def move_message(now):
    message = now.pick(now.survivor.message_ids)
    message.write({"res_id": now.world.other_lead.id})


@later
def delete_message(now):
    now.pick(now.survivor.message_ids).unlink()


@later
def attach(now):
    now.env["ir.attachment"].create(
        {"name": "Later.txt", "raw": b"Later", "res_model": "crm.lead",
         "res_id": now.survivor.id}
    )  # fmt: skip


@later
def edit_attachment(now):
    now.pick(now.of_survivor("ir.attachment")).write({"name": "Renamed.txt"})


@later
def move_attachment(now):
    attachment = now.pick(now.of_survivor("ir.attachment"))
    attachment.write({"res_id": now.world.other_lead.id})


@later
def delete_attachment(now):
    now.pick(now.of_survivor("ir.attachment")).unlink()


@later
def plan(now):
    now.survivor.activity_schedule(
        "mail.mail_activity_data_todo", user_id=now.world.user.id
    )


@later
def finish_activity(now):
    activity = now.pick(now.survivor.activity_ids)
    if activity:
        activity.action_feedback(feedback="Done later")


@later
def edit_activity(now):
    now.pick(now.survivor.activity_ids).write({"summary": "Later"})


@later
def delete_activity(now):
    now.pick(now.survivor.activity_ids).unlink()


@later
def follow(now):
    now.survivor.message_subscribe(now.pick(now.world.customers).ids)


@later
def unfollow(now):
    partners = now.pick(now.survivor.message_follower_ids).partner_id
    now.survivor.message_unsubscribe(partners.ids)


@later
def follow_otherwise(now):
    follower = now.pick(now.survivor.message_follower_ids)
    follower.subtype_ids = now.env.ref("mail.mt_comment")


@later
def add_tag(now):
    now.survivor.tag_ids = [Command.link(now.pick(now.world.tags).id)]


@later
def remove_tag(now):
    now.survivor.tag_ids = [Command.unlink(now.pick(now.world.tags).id)]


# ------------------------------------------------------------
# Records that point to the survivor
# ------------------------------------------------------------


@later
def add_link(now):
    now.env["x_lead_trial"].create(
        {"x_name": "Later", "x_trial_lead": now.survivor.id, "x_trial_amount": 4,
         "x_trial_leads": [Command.set(now.survivor.ids)],
         "x_trial_document": f"crm.lead,{now.survivor.id}"}
    )  # fmt: skip


@later
def edit_link(now):
    now.pick(now.find("x_lead_trial", x_trial_lead=now.survivor.id)).write(
        {"x_trial_amount": 5, "x_name": "Edited"}
    )


@later
def move_link(now):
    now.pick(now.find("x_lead_trial", x_trial_lead=now.survivor.id)).write(
        {"x_trial_lead": now.world.other_lead.id, "x_trial_document": False,
         "x_trial_leads": [Command.clear()]}
    )  # fmt: skip


@later
def delete_link(now):
    now.pick(now.find("x_lead_trial", x_trial_lead=now.survivor.id)).unlink()


@later
def add_lead_that_points(now):
    now.env["crm.lead"].create(
        {"name": "New", "x_trial_lead": now.survivor.id,
         "x_trial_leads": [Command.link(now.survivor.id)],
         "x_trial_reference": f"crm.lead,{now.survivor.id}"}
    )  # fmt: skip


@later
def point_elsewhere(now):
    now.world.other_lead.write(
        {"x_trial_lead": False, "x_trial_reference": False,
         "x_trial_leads": [Command.clear()]}
    )  # fmt: skip


@later
def move_order(now):
    now.pick(now.find("sale.order", opportunity_id=now.survivor.id)).write(
        {"opportunity_id": now.world.other_lead.id}
    )


@later
def add_order(now):
    KINDS["order"](now.world, now.survivor, now.survivor)


@later
def move_meeting(now):
    now.pick(now.find("calendar.event", opportunity_id=now.survivor.id)).write(
        {"opportunity_id": now.world.other_lead.id}
    )


@later
def delete_meeting(now):
    now.pick(now.find("calendar.event", opportunity_id=now.survivor.id)).unlink()


# ------------------------------------------------------------
# What leads point to is deleted
# ------------------------------------------------------------


@later
def delete_tag(now):
    now.pick(now.world.tags).unlink()


@later
def delete_custom_customer(now):
    """Nobody but custom fields points to the third customer."""
    customer = now.world.customers[2]
    if not now.find("calendar.attendee", partner_id=customer.id):
        customer.unlink()
