import {Message} from "@mail/core/common/message_model";

import {fields} from "@mail/core/common/record";
import {_t} from "@web/core/l10n/translation";
import {patch} from "@web/core/utils/patch";

// Models of the messaging store have no registry to extend them through: core's own
// addons patch them as well.
patch(Message.prototype, {
    setup() {
        super.setup(...arguments);
        /** @type {{ name: string, type: "lead" | "opportunity" } | false} */
        this.mergedFrom = fields.Attr(false);
    },
    /** Which merged-away lead this message comes from, if any. */
    get mergedFromText() {
        if (!this.mergedFrom) {
            return "";
        }
        const {name, type} = this.mergedFrom;
        return type === "lead"
            ? _t("from lead %s", name)
            : _t("from opportunity %s", name);
    },
});
