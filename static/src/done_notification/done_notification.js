import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/**
 * Say what a merge, a conversion or a run has done, offer to undo it, and go on.
 *
 * @param {Object} env
 * @param {Object} action `params`: the message, the journal record that can be undone
 *     (`res_model`, `res_id`), and the action to go on with (`next`)
 * @returns {Object} the action to go on with
 */
export function showDone(env, action) {
    const {message, res_model, res_id, next} = action.params;
    const {action: actionService, notification, orm} = env.services;
    let isUndoing = false;
    const undo = async () => {
        if (isUndoing) {
            return; // a double click
        }
        isUndoing = true;
        try {
            const undone = await orm.call(res_model, "action_undo", [[res_id]]);
            close(); // only now: what fails can be tried again
            await actionService.doAction(undone);
        } finally {
            isUndoing = false;
        }
    };
    const close = notification.add(message, {
        type: "success",
        sticky: true,
        buttons: [{name: _t("Undo"), icon: "fa-undo", onClick: undo}],
    });
    return next;
}

registry.category("actions").add("crm_lead_qualification.done", showDone);
