import "../old_links/old_links_form"; // which extends the same view

import {onWillStart} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {useService} from "@web/core/utils/hooks";

const views = registry.category("views");
const crmForm = views.get("crm_form");

/**
 * Offers the way back of a conversion in the action menu where there is one: not on what
 * is a lead. An action of the server would be offered on all of them.
 */
export class BackToLeadFormController extends crmForm.Controller {
    setup() {
        super.setup();
        this.actionService = useService("action");
        onWillStart(async () => {
            this.usesLeads = await user.hasGroup("crm.group_use_lead");
        });
    }

    getStaticActionMenuItems() {
        const backToLead = {
            isAvailable: () => this.isOpportunity,
            sequence: 60,
            icon: "fa fa-undo",
            description: _t("Back to Lead"),
            callback: () => this.goBackToLead(),
        };
        return {...super.getStaticActionMenuItems(), backToLead};
    }

    get isOpportunity() {
        const {data, resModel, isNew} = this.model.root;
        const isOne = resModel === "crm.lead" && data.type === "opportunity";
        return this.usesLeads && isOne && !isNew;
    }

    async goBackToLead() {
        const {root} = this.model;
        if (await root.save()) {
            await this.actionService.doActionButton({
                type: "object",
                name: "action_back_to_lead",
                resModel: root.resModel,
                resId: root.resId,
                resIds: [root.resId],
                context: root.context,
                onClose: () => root.load(),
            });
        }
    }
}

views.add(
    "crm_form",
    {...crmForm, Controller: BackToLeadFormController},
    {force: true}
);
