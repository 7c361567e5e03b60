import {expect, test} from "@odoo/hoot";
import {
    getService,
    makeServerError,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {animationFrame} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {WebClient} from "@web/webclient/webclient";

defineMailModels();

const NAMES = [
    "ConversionRefused",
    "MergeRefused",
    "PlanOutdated",
    "UndoRefused",
    "UnknownReference",
];

test.tags("desktop");
for (const name of NAMES) {
    test(`${name} is a message to the user, no crash`, async () => {
        expect.errors(1);
        onRpc("crm.lead.merge", "action_undo", () => {
            throw makeServerError({
                errorName: `odoo.addons.crm_lead_qualification.exceptions.${name}`,
                message: "Undo that merge first.",
            });
        });
        await mountWithCleanup(WebClient);
        Promise.resolve().then(() =>
            getService("orm").call("crm.lead.merge", "action_undo", [[1]])
        );
        await animationFrame();
        await animationFrame();
        expect(".modal .modal-title").toHaveText("Invalid Operation");
        expect(".modal .modal-body").toHaveText("Undo that merge first.");
        expect.verifyErrors([/RPC_ERROR/]);
    });
}
