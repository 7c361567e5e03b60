import {onWillUnmount} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {formView} from "@web/views/form/form_view";

/**
 * The dialog that converts many leads. What it proposes is a run that is not started
 * yet: however the dialog is closed, by a button, the cross, or a key, the run goes with
 * it, unless it was started or is looked at in a list of its own.
 */
export class BulkDialogController extends formView.Controller {
    setup() {
        super.setup();
        this.isKept = false;
        onWillUnmount(() => this.discardProposals());
    }

    async beforeExecuteActionButton(clickParams) {
        const result = await super.beforeExecuteActionButton(clickParams);
        this.isKept = clickParams.special !== "cancel" && result !== false;
        return result;
    }

    discardProposals() {
        const run = this.model.root.data.run_id;
        if (run && !this.isKept) {
            // Nobody waits for it: what is left is deleted after a day.
            this.env.services.orm.silent
                .call("crm.lead.run", "action_discard", [[run.id]])
                .catch(() => {});
        }
    }
}

/** What the dialog opened with before is a run that has gone: it is asked for anew. */
export class BulkDialogModel extends formView.Model {
    static withCache = false;
}

registry.category("views").add("lead_bulk_dialog", {
    ...formView,
    Controller: BulkDialogController,
    Model: BulkDialogModel,
});
