import {WarningDialog, odooExceptionTitleMap} from "@web/core/errors/error_dialogs";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

const REFUSALS = [
    "ConversionRefused",
    "MergeRefused",
    "PlanOutdated",
    "UndoRefused",
    "UnknownReference",
];

/**
 * The errors of `exceptions.py` are messages to the user, shown as Odoo shows its own:
 * the web client tells by the exact name of the class, not by what it derives from.
 */
for (const name of REFUSALS) {
    const exception = `odoo.addons.crm_lead_qualification.exceptions.${name}`;
    registry.category("error_dialogs").add(exception, WarningDialog);
    odooExceptionTitleMap.set(exception, _t("Invalid Operation"));
}
