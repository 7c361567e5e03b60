import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/**
 * Ask before something is done that people may not have meant, and do it if they say so.
 *
 * @param {Object} env
 * @param {Object} action `params`: the question (`message`), the answer that goes on
 *     (`label`), and the `method` of a record (`res_model`, `res_id`) that is called then
 *     with `force`, in a `context`
 */
export function askQuestion(env, action) {
    const {message, label, res_model, res_id, method, context} = action.params;
    const {action: actionService, dialog, orm} = env.services;
    dialog.add(ConfirmationDialog, {
        title: _t("Are you sure?"),
        body: message,
        confirmLabel: label,
        confirm: async () => {
            const kwargs = {force: true, context};
            const next = await orm.call(res_model, method, [[res_id]], kwargs);
            await actionService.doAction(next);
        },
        cancel: () => undefined,
    });
}

registry.category("actions").add("crm_lead_qualification.question", askQuestion);
