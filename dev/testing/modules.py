"""Which of Odoo's modules this addon is tested with."""

from pathlib import Path

ALONE = ("crm",)
# Whatever hangs data on leads, brings leads in, or overrides what we override.
NEIGHBOURS = (
    *ALONE,
    "base_automation",
    "calendar",
    "contacts",
    "crm_iap_enrich",
    "crm_iap_mine",
    "crm_livechat",
    "crm_mail_plugin",
    "crm_sms",
    "event_crm",
    "event_crm_sale",
    "marketing_card",
    "mass_mailing_crm",
    "mass_mailing_crm_sms",
    "privacy_lookup",
    "sale_crm",
    "snailmail",
    "survey_crm",
    "test_crm_full",
    "website_crm",
    "website_crm_iap_reveal",
    "website_crm_livechat",
    "website_crm_partner_assign",
    "website_crm_sms",
    "website_event_crm",
)
# Of the OCA, from the package index: see requirements-oca.in.
OCA = [
    "auditlog",
    "base_exception",
    "crm_claim",
    "crm_lead_code",
    "crm_lead_vat",
    "crm_phonecall",
    "crm_stage_probability",
    "queue_job",
]
# Whose own tests have to pass with this addon installed.
UPSTREAM = (
    "crm",
    "sale_crm",
    "website_crm",
    "event_crm",
    "crm_iap_enrich",
    "survey_crm",
    "crm_livechat",
    "website_crm_partner_assign",
    "crm_sms",
    "website_crm_livechat",
    "crm_mail_plugin",
    "test_crm_full",
    "mass_mailing_crm",
)


def available(modules, source):
    """Return those of ``modules`` that this copy of Odoo has."""
    return [
        name
        for name in modules
        if any(Path(folder, name).is_dir() for folder in source.addons)
    ]
