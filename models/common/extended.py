"""Which hooks other addons have extended."""

# Where a hook is defined that one call for many leads may replace: what it does is
# known, and the same for all of them. Two of them extend `write` alone, and only check
# what no conversion writes: a live chat, and what users of the portal enter.
KNOWN_ADDONS = (
    "odoo.orm.",
    "odoo.addons.mail.models.",
    "odoo.addons.rating.models.",
    "odoo.addons.crm.models.",
    "odoo.addons.crm.wizard.",
    "odoo.addons.crm_livechat.models.",
    "odoo.addons.website_crm_partner_assign.models.",
    "odoo.addons.crm_lead_qualification.models.",
    "odoo.addons.crm_lead_qualification.wizards.",
)


def is_extended(records, method):
    """Return whether an addon other than core and this one has its own `method`, which
    then has to be called lead by lead."""
    return any(
        not getattr(owner.__dict__[method], "__module__", "").startswith(KNOWN_ADDONS)
        for owner in type(records).__mro__
        if method in owner.__dict__
    )
