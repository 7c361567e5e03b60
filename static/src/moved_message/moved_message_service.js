import {DONE, UNDONE} from "../done_notification/done_notification";
import {registry} from "@web/core/registry";

/**
 * Have the chatter of leads read anew after a merge or an undo: messages have moved into
 * the midst of what it has loaded, or away from it, where it looks for newer ones only.
 */
export const movedMessageService = {
    dependencies: ["mail.store"],

    start(env, {"mail.store": store}) {
        const forget = () => {
            for (const thread of Object.values(store.Thread.records)) {
                if (thread.model === "crm.lead") {
                    Object.assign(thread, {isLoaded: false, messages: []});
                }
            }
        };
        env.bus.addEventListener(DONE, forget);
        env.bus.addEventListener(UNDONE, forget);
    },
};

registry
    .category("services")
    .add("crm_lead_qualification.moved_message", movedMessageService);
