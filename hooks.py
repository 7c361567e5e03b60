"""What installing and uninstalling change in a database that is already in use.

Both are a handful of statements whatever the number of leads, which are not touched.
"""

from odoo.tools import SQL

#: What the keys of this addon's settings begin with.
PARAMETERS = "crm_lead_qualification."


def post_init_hook(env):
    """Let each channel's flag be its own choice, whatever the switch says."""
    Channel = env["crm.team"]
    if Channel._is_lead_switch_on():
        _get_outside_groups(env)._apply_group(env.ref("crm.group_use_lead"))
    else:
        # Nobody has chosen yet: stock cleared the flags together with the switch.
        # SQL: the ORM would rewrite the alias of each channel, and none changes.
        _write_flags(env, True, SQL("use_leads IS NOT TRUE"))
    Channel._update_all_alias_defaults()
    # The scheduled action builds the keys of the leads that are here, in batches.
    env["crm.lead.match.queue"]._append_missing()


def uninstall_hook(env):
    """Give the flags and groups the meaning back that stock gives them, and leave no
    settings behind."""
    group = env.ref("crm.group_use_lead", raise_if_not_found=False)
    if group:
        _get_outside_groups(env)._remove_group(group)
    if not env["crm.team"]._is_lead_switch_on():
        # Stock's other doors read the flag alone, and expect it cleared while leads
        # are switched off. SQL for the same reason as above.
        _write_flags(env, False, SQL("use_leads"))
    # sudo: settings of the database, whoever uninstalls
    parameters = env["ir.config_parameter"].sudo().search([])
    parameters.filtered(lambda one: one.key.startswith(PARAMETERS)).unlink()
    # Its dialog is a wide one only with what is shown here.
    action = env.ref("crm.action_merge_opportunities", raise_if_not_found=False)
    if action:
        action.context = "{}"  # as stock, which sets none


def _get_outside_groups(env):
    """Return the groups of those who bring in leads without being employees."""
    return env.ref("base.group_portal") + env.ref("base.group_public")


def _write_flags(env, value, condition):
    env["crm.team"].flush_model(["use_leads"])
    env.cr.execute(SQL("UPDATE crm_team SET use_leads = %s WHERE %s", value, condition))
    env["crm.team"].invalidate_model(["use_leads"])
