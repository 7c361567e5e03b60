import {ConnectionLostError} from "@web/core/network/rpc";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/** The event on `env.bus` that something was done: `res_model` and `res_id`. */
export const DONE = "CRM_LEAD_QUALIFICATION:DONE";
/** The event on `env.bus` that something was undone: `res_model` and `res_id`. */
export const UNDONE = "CRM_LEAD_QUALIFICATION:UNDONE";

/**
 * Say what a merge, a conversion or a run has done, offer to undo it, and go on.
 *
 * The notification stays until it is closed, or undo was asked for: here, or wherever
 * else on the page.
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
    const ask = async (method) => {
        try {
            return await orm.call(res_model, method, [[res_id]]);
        } catch (error) {
            if (method === "action_undo" && !(error instanceof ConnectionLostError)) {
                close(); // the server has answered, and would say the same again
            }
            throw error;
        }
    };
    const call = async (method) => {
        if (isBusy) {
            return; // a double click
        }
        isBusy = true;
        try {
            const answer = await ask(method);
            if (method === "action_undo") {
                close(); // only now: what the server did not hear can be tried again
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
    const onUndone = ({detail}) => {
        if (detail.res_model === res_model && detail.res_id === res_id) {
            close();
        }
    };
    const onClose = () => env.bus.removeEventListener(UNDONE, onUndone);
    env.bus.addEventListener(UNDONE, onUndone);
    const options = {type: "success", sticky, buttons, onClose};
    const close = notification.add(message, options);
    env.bus.trigger(DONE, {res_model, res_id});
    return next;
}

/**
 * Say what was undone, have its notification closed, and go on.
 *
 * @param {Object} env
 * @param {Object} action `params`: the message, if there is one; the record that was
 *     undone (`res_model`, `res_id`), and the action to go on with (`next`)
 * @returns {Object} the action to go on with
 */
export function showUndone(env, action) {
    const {message, res_model, res_id, next} = action.params;
    env.bus.trigger(UNDONE, {res_model, res_id});
    if (message) {
        env.services.notification.add(message, {type: "success"});
    }
    return next;
}

registry.category("actions").add("crm_lead_qualification.done", showDone);
registry.category("actions").add("crm_lead_qualification.undone", showUndone);
