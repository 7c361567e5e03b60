import {defineCrmModels} from "@crm/../tests/crm_test_helpers";
import {
    contains,
    openFormView,
    start,
    startServer,
} from "@mail/../tests/mail_test_helpers";
import {describe, expect, test} from "@odoo/hoot";
import {getService} from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");
defineCrmModels();

const BADGE = ".o-crm-MovedMessage";
const FORM = {arch: `<form><field name="name"/><chatter/></form>`};

async function openLead() {
    const pyEnv = await startServer();
    const leadId = pyEnv["crm.lead"].create({name: "Survivor"});
    const [movedId] = ["Moved", "Its own"].map((body) =>
        pyEnv["mail.message"].create({
            body,
            message_type: "comment",
            model: "crm.lead",
            res_id: leadId,
        })
    );
    await start();
    await openFormView("crm.lead", leadId, FORM);
    await contains(".o-mail-Message", {count: 2});
    return getService("mail.store")["mail.message"].get(movedId);
}

test("a moved message says which lead it comes from, the others nothing", async () => {
    const message = await openLead();
    await contains(BADGE, {count: 0});
    message.mergedFrom = {name: "Chairs", type: "lead"};
    await contains(".o-mail-Message:contains('Moved') " + BADGE, {
        text: "from lead Chairs",
    });
    await contains(BADGE, {count: 1});
    message.mergedFrom = {name: "Desks", type: "opportunity"};
    await contains(BADGE, {text: "from opportunity Desks"});
});

test("nothing is said any more once the merge was undone", async () => {
    const message = await openLead();
    message.mergedFrom = {name: "Chairs", type: "lead"};
    await contains(BADGE, {count: 1});
    getService("mail.store").insert({
        "mail.message": [{id: message.id, mergedFrom: false}],
    });
    await contains(BADGE, {count: 0});
    expect(message.mergedFromText).toBe("");
});
