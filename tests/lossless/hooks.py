"""What another addon does in a hook of each merge: one function a kind, called with the
world and the survivor, with all rights."""

from contextlib import contextmanager, nullcontext
from unittest.mock import patch

from odoo.fields import Command

HOOKS = {}
#: What is not part of random cases yet: undo leaves an automated probability that it
#: has computed anew.
KNOWN_TO_DIFFER = {"merge_others"}


def hook(function):
    """Register what an addon does under the name of the function."""
    HOOKS[function.__name__] = function
    return function


@hook
def write_links(world, survivor):
    survivor.tag_ids = [
        Command.unlink(world.tags[0].id), Command.link(world.tags[1].id)
    ]  # fmt: skip
    survivor.x_trial_leads = [Command.link(world.other_lead.id)]


@hook
def make_records(world, survivor):
    # a line more would be counted over a total that somebody typed
    is_typed = survivor.x_trial_total == 99
    world.env["x_lead_trial"].create(
        {"x_name": "Made", "x_trial_lead": not is_typed and survivor.id,
         "x_trial_amount": 2,
         "x_trial_leads": [Command.set(survivor.ids)],
         "x_trial_document": f"crm.lead,{survivor.id}"}
    )  # fmt: skip


@hook
def merge_others(world, survivor):
    others = world.aside.exists().with_user(world.user)
    if len(others) > 1:
        others.env["crm.lead.merge"]._merge(others)


def reacting(world, name):
    """Let an addon do so in each merge meanwhile, but in its own.

    :param name: of one of `HOOKS`, or None
    :return: a context manager
    """
    return _reacting(world, HOOKS[name]) if name else nullcontext()


@contextmanager
def _reacting(world, react):
    Lead = world.env.registry["crm.lead"]
    original, running = Lead._merge_dependences, []

    def extended(lead, others):
        if not running:
            running.append(True)
            react(world, lead.sudo().with_context(tracking_disable=True))
            running.pop()
        return original(lead, others)

    with patch.object(Lead, "_merge_dependences", extended):
        yield
