"""What can hang on a lead: one function a kind, each creating one record of it.

Each is called with the world, the lead, and another lead of the case.
"""

import base64

from odoo.fields import Command

KINDS = {}


def kind(function):
    """Register a kind of related record under the name of the function."""
    KINDS[function.__name__] = function
    return function


def _has(world, model):
    return model in world.env.registry


def _post(lead, **values):
    values["body"] = "Said"
    return lead.message_post(**values)


@kind
def message(world, lead, other):
    posted = _post(lead, subject="Call", partner_ids=world.customers[:1].ids)
    posted.starred_partner_ids = world.user.partner_id
    world.env["mail.message.reaction"].create(
        {"message_id": posted.id, "content": "👍", "partner_id": world.customers[1].id}
    )


@kind
def tracked_stage(world, lead, other):
    field = world.env["ir.model.fields"]._get("crm.lead", "stage_id")
    posted = _post(lead)
    world.env["mail.tracking.value"].create(
        {"mail_message_id": posted.id, "field_id": field.id,
         "old_value_integer": lead.stage_id.id, "new_value_integer": lead.stage_id.id}
    )  # fmt: skip


@kind
def attachment(world, lead, other):
    _attach(world, lead)


def _attach(world, lead):
    return world.env["ir.attachment"].create(
        {
            "name": "Offer.txt",
            "raw": b"Offer",
            "res_model": "crm.lead",
            "res_id": lead.id,
        }
    )


@kind
def message_with_attachment(world, lead, other):
    _post(lead, attachment_ids=_attach(world, lead).ids)


@kind
def activity(world, lead, other):
    lead.activity_schedule("mail.mail_activity_data_todo", user_id=world.user.id)


@kind
def done_activity(world, lead, other):
    planned = lead.activity_schedule(
        "mail.mail_activity_data_call", user_id=world.user.id
    )
    planned.action_done()


@kind
def meeting(world, lead, other):
    world.env["calendar.event"].with_context(
        no_mail_to_attendees=True, mail_create_nolog=True
    ).create(
        {"name": "Demonstration", "start": "2026-03-01 10:00:00",
         "stop": "2026-03-01 11:00:00", "opportunity_id": lead.id,
         "partner_ids": [Command.set(world.customers[:2].ids)]}
    )  # fmt: skip


@kind
def follower(world, lead, other):
    lead.message_subscribe(world.customers[:2].ids)


@kind
def quiet_follower(world, lead, other):
    subtype = world.env.ref("crm.mt_lead_won")
    lead.message_subscribe(world.customers[1:].ids, subtype_ids=subtype.ids)


@kind
def follower_of_nothing(world, lead, other):
    lead.message_subscribe(world.customers[:1].ids)
    followers = lead.message_follower_ids
    followers.filtered(
        lambda one: one.partner_id == world.customers[0]
    ).subtype_ids = False


@kind
def order(world, lead, other):
    if _has(world, "sale.order"):
        company = lead.company_id or world.company
        world.env["sale.order"].with_company(company).create(
            {"partner_id": world.customers[0].id, "opportunity_id": lead.id,
             "company_id": company.id}
        )  # fmt: skip


@kind
def scheduled_message(world, lead, other):
    world.env["mail.scheduled.message"].create(
        {"model": "crm.lead", "res_id": lead.id, "author_id": world.user.partner_id.id,
         "scheduled_date": "2099-01-01 00:00:00", "body": "Later"}
    )  # fmt: skip


@kind
def rating(world, lead, other):
    if not _has(world, "rating.rating"):
        return
    model = world.env["ir.model"]._get("crm.lead")
    common = {"rating": 5, "consumed": True, "partner_id": world.customers[0].id}
    world.env["rating.rating"].create(
        [
            {**common, "res_model_id": model.id, "res_id": lead.id},
            {**common, "res_model_id": world.env["ir.model"]._get_id("res.partner"),
             "res_id": world.customers[0].id, "parent_res_model_id": model.id,
             "parent_res_id": lead.id},
        ]
    )  # fmt: skip


@kind
def letter(world, lead, other):
    if _has(world, "snailmail.letter"):
        world.env["snailmail.letter"].create(
            {"model": "crm.lead", "res_id": lead.id, "company_id": world.company.id,
             "partner_id": world.customers[0].id}
        )  # fmt: skip


@kind
def alias(world, lead, other):
    model_id = world.env["ir.model"]._get_id("crm.lead")
    world.env["mail.alias"].create(
        {"alias_name": world.next_name(), "alias_model_id": model_id,
         "alias_force_thread_id": lead.id, "alias_parent_model_id": model_id,
         "alias_parent_thread_id": other.id}
    )  # fmt: skip


@kind
def embedded_action(world, lead, other):
    action = world.env.ref("crm.crm_lead_opportunities")
    embedded = world.env["ir.embedded.actions"].create(
        {"name": "Trial", "parent_action_id": action.id, "action_id": action.id,
         "parent_res_model": "crm.lead", "parent_res_id": lead.id}
    )  # fmt: skip
    world.env["ir.filters"].create(
        {"name": f"Trial {lead.id}", "model_id": "crm.lead", "user_ids": False,
         "embedded_action_id": embedded.id, "embedded_parent_res_id": lead.id}
    )  # fmt: skip


@kind
def window(world, lead, other):
    world.env["ir.actions.act_window"].create(
        {"name": "Trial", "res_model": "crm.lead", "res_id": lead.id}
    )


@kind
def external_id(world, lead, other):
    world.env["ir.model.data"].create(
        {"module": "__import__", "name": world.next_name(), "model": "crm.lead",
         "res_id": lead.id}
    )  # fmt: skip


@kind
def default(world, lead, other):
    world.env["ir.default"].set("x_lead_trial", "x_trial_lead", lead.id)


@kind
def custom_links(world, lead, other):
    trial = world.env["x_lead_trial"].create(
        {"x_name": "Trial", "x_trial_lead": lead.id,
         "x_trial_leads": [Command.set((lead + other).ids)],
         "x_trial_document": f"crm.lead,{lead.id}", "x_trial_lead_of_company": lead.id,
         "x_trial_amount": 10.5}
    )  # fmt: skip
    trial.with_company(world.other_company).x_trial_lead_of_company = other


@kind
def lead_elsewhere(world, lead, other):
    """A lead outside the merge points to one inside, and the other way round."""
    world.other_lead.write(
        {"x_trial_lead": lead.id, "x_trial_leads": [Command.link(lead.id)],
         "x_trial_reference": f"crm.lead,{lead.id}", "team_id": world.teams[0].id,
         "lead_properties": {"lead": lead.id, "leads": [lead.id, other.id]}}
    )  # fmt: skip
    lead.x_trial_leads = [Command.link(world.other_lead.id)]


@kind
def leads_among_themselves(world, lead, other):
    if lead != other:  # the database checks that none points to itself
        lead.x_trial_lead = other
    lead.write({"x_trial_leads": [Command.link(other.id)],
                "x_trial_reference": f"crm.lead,{other.id}"})  # fmt: skip
    if "lead" in {one["name"] for one in lead.team_id.lead_properties_definition or ()}:
        lead.lead_properties = {"lead": other.id, "leads": [lead.id, other.id]}


@kind
def property_default(world, lead, other):
    world.teams[1].lead_properties_definition = [
        *world.teams[1].lead_properties_definition,
        {"name": f"lead{lead.id}_{len(world.teams[1].lead_properties_definition)}",
         "type": "many2one", "string": "Lead",
         "comodel": "crm.lead", "default": lead.id},
    ]  # fmt: skip


@kind
def visitor(world, lead, other):
    if _has(world, "website.visitor"):
        world.env["website.visitor"].create(
            {
                "access_token": f"{world.next_name():>032}",
                "lead_ids": [Command.link(lead.id)],
            }
        )


@kind
def registration(world, lead, other):
    if _has(world, "event.registration"):
        event = world.env["event.event"].create(
            {"name": "Fair", "date_begin": "2026-05-01 08:00:00",
             "date_end": "2026-05-01 18:00:00"}
        )  # fmt: skip
        world.env["event.registration"].create(
            {"event_id": event.id, "name": "Ann", "lead_ids": [Command.link(lead.id)]}
        )


@kind
def survey_answer(world, lead, other):
    if "lead_id" in world.env.get("survey.user_input", ()) and _has(
        world, "survey.survey"
    ):
        survey = world.env["survey.survey"].create({"title": "Needs"})
        world.env["survey.user_input"].create(
            {"survey_id": survey.id, "lead_id": lead.id}
        )


@kind
def translation(world, lead, other):
    lead.x_trial_translated = "Chair"
    lead.with_context(lang="fr_FR").x_trial_translated = f"Chaise {lead.id}"
    lead.with_company(world.other_company).x_trial_of_company = f"Elsewhere {lead.id}"
    lead.with_company(
        world.other_company
    ).x_trial_customer_of_company = world.customers[lead.id % 3]


@kind
def dialog(world, lead, other):
    """A dialog that is open: moved along, and forgotten."""
    world.env["crm.lead.lost"].create({"lead_ids": [Command.link(lead.id)]})


@kind
def mass_mailing_trace(world, lead, other):
    if _has(world, "mailing.trace"):
        world.env["mailing.trace"].create(
            {"model": "crm.lead", "res_id": lead.id, "email": "ann@example.com"}
        )


@kind
def picture(world, lead, other):
    lead.x_trial_binary = base64.b64encode(f"Picture {lead.id}".encode())


@kind
def typed_total(world, lead, other):
    """A total that somebody typed, over what the lines say."""
    world.env["x_lead_trial"].create(
        {"x_name": "Line", "x_trial_lead": lead.id, "x_trial_amount": 3}
    )
    lead.x_trial_total = 99


@kind
def model_and_id(world, lead, other):
    """Two fields that together make one reference: to another lead of the case, to a
    lead that stands aside, or to a customer."""
    record = (other, world.other_lead, world.customers[0])[world.count % 3]
    lead.write({"x_trial_res_model": record._name, "x_trial_res_id": record.id})


@kind
def number(world, lead, other):
    """Numbers of which each lead has its own."""
    lead.write(
        {"x_trial_code": world.next_name().title(), "x_trial_number": world.count,
         "x_trial_serial": world.next_name()}
    )  # fmt: skip


@kind
def file_in_the_row(world, lead, other):
    """A file in a column of the lead itself."""
    lead.x_trial_bytea = base64.b64encode(f"Scan {lead.id}".encode())


@kind
def tagged(world, lead, other):
    lead.tag_ids = [Command.set(world.tags.ids)]
    other.tag_ids = [Command.link(world.tags[0].id)]
