import "@crm/views/crm_form/crm_form";

import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {unique} from "@web/core/utils/arrays";
import {FetchRecordError} from "@web/model/relational_model/errors";

const views = registry.category("views");
const crmForm = views.get("crm_form");

/**
 * Loads the survivor where a form asks for a lead that was merged away: from the browser's
 * history, a list that is no longer up to date, the pager, or a colleague's merge.
 *
 * The error registry is no place for this: an error says which ids are missing, but not of
 * which model, and comes when the form is gone. The view registry is, and the model of the
 * form is where every load passes through.
 */
export class OldLinksFormModel extends crmForm.Model {
    async _loadData(config, cache) {
        try {
            return await super._loadData(config, cache);
        } catch (error) {
            if (!(error instanceof FetchRecordError) || !this._showsLead(config)) {
                throw error;
            }
            const survivorId = await this._findSurvivor(config.resId);
            if (!survivorId) {
                throw error;
            }
            const oldId = config.resId;
            const survivorOf = (id) => (id === oldId ? survivorId : id);
            config.resIds = unique(config.resIds.map(survivorOf));
            config.resId = survivorId;
            const data = await super._loadData(config);
            // another record than the one announced: the chatter has to load its messages
            this.hooks.onWillLoadRoot(config);
            this._notifyMerged(data);
            return data;
        }
    }

    /**
     * A form shows what the browser remembers of a record until the server has answered.
     * When the answer is that there is no such record any more, load it again.
     */
    _getCacheParams(config, rootLoadDef) {
        const params = super._getCacheParams(config, rootLoadDef);
        if (!params || !config.resId || !this._showsLead(config)) {
            return params;
        }
        const callback = async (result, hasChanged) => {
            if (!hasChanged || result.length) {
                return params.callback(result, hasChanged);
            }
            const {root} = await rootLoadDef;
            if (root.id === this.root.id && root.resId === config.resId) {
                await root.load();
            }
        };
        return {...params, callback};
    }

    _showsLead(config) {
        return config.isRoot && config.isMonoRecord && config.resModel === "crm.lead";
    }

    /**
     * @param {number} leadId a lead that could not be found
     * @returns {Promise<number | false>} the record it is now, if the user may read it
     */
    async _findSurvivor(leadId) {
        const now = await this.orm.call("crm.lead.merge", "resolve", [[leadId]]);
        return now[leadId];
    }

    _notifyMerged({display_name: name}) {
        this.notification.add(
            name
                ? _t("The record you asked for was merged into “%s”, shown here.", name)
                : _t("The record you asked for was merged into the one shown here."),
            {type: "info"}
        );
    }
}

views.add("crm_form", {...crmForm, Model: OldLinksFormModel}, {force: true});
