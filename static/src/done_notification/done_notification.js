import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/**
 * Say what a merge, a conversion or a run has done, offer to undo it, and go on.
 *
 * @param {Object} env
 * @param {Object} action `params`: the message, the journal record that can be undone
 *     (`res_model`, `res_id`), if the user may, the action to go on with (`next`), and
 *     what else can be done then (`then`: `name` of the button, `method` of the record)
 * @returns {Object} the action to go on with
 */
export function showDone(env, action) {
    const {message, res_model, res_id, next, then} = action.params;
    const {action: actionService, notification, orm} = env.services;
    let isBusy = false;
    const call = async (method) => {
        if (isBusy) {
            return; // a double click
        }
        isBusy = true;
        try {
            const answer = await orm.call(res_model, method, [[res_id]]);
            if (method === "action_undo") {
                close(); // only now: what fails can be tried again
            }
            await actionService.doAction(answer);
        } finally {
            isBusy = false;
        }
    };
    const buttons = [];
    if (res_id) {
        const onClick = () => call("action_undo");
        buttons.push({name: _t("Undo"), icon: "fa-undo", onClick});
    }
    if (then) {
        buttons.push({name: then.name, onClick: () => call(then.method)});
    }
    const sticky = buttons.length > 0; // else there is nothing to wait for
    const close = notification.add(message, {type: "success", sticky, buttons});
    return next;
}

registry.category("actions").add("crm_lead_qualification.done", showDone);
