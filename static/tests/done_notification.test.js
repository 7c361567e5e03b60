import {Deferred, animationFrame} from "@odoo/hoot-mock";
import {expect, test} from "@odoo/hoot";
import {getService, mountWithCleanup, onRpc} from "@web/../tests/web_test_helpers";
import {click} from "@odoo/hoot-dom";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {WebClient} from "@web/webclient/webclient";

defineMailModels();

const DONE = {
    type: "ir.actions.client",
    tag: "crm_lead_qualification.done",
    params: {
        message: "2 records became one: ‘First’.",
        res_model: "crm.lead.merge",
        res_id: 7,
        next: {type: "ir.actions.act_window_close"},
    },
};

async function showDone(params = {}) {
    await mountWithCleanup(WebClient);
    const action = {...DONE, params: {...DONE.params, ...params}};
    await getService("action").doAction(action);
    await animationFrame();
}

test("the notification says what was done, and stays", async () => {
    await showDone();
    expect(".o_notification").toHaveText(/2 records became one: ‘First’/);
    expect(".o_notification button:contains(Undo)").toHaveCount(1);
});

test("what the user may not see any more is not offered to be undone", async () => {
    await showDone({res_model: undefined, res_id: undefined});
    expect(".o_notification").toHaveText(/2 records became one: ‘First’/);
    expect(".o_notification button:contains(Undo)").toHaveCount(0);
});

test("a double click undoes once, then the notification goes", async () => {
    const answer = new Deferred();
    onRpc("crm.lead.merge", "action_undo", ({args}) => {
        expect.step(args[0]);
        return answer;
    });
    await showDone();
    await click(".o_notification button:contains(Undo)");
    await click(".o_notification button:contains(Undo)");
    answer.resolve({type: "ir.actions.act_window_close"});
    await animationFrame();
    await animationFrame();
    expect.verifySteps([[7]]);
    expect(".o_notification").toHaveCount(0);
});

test("an undo that is refused is not offered again", async () => {
    expect.errors(1);
    onRpc("crm.lead.merge", "action_undo", () => {
        throw new Error("It has been undone already");
    });
    await showDone();
    await click(".o_notification button:contains(Undo)");
    await animationFrame();
    await animationFrame();
    expect(".o_notification button:contains(Undo)").toHaveCount(0);
    expect.verifyErrors([/undone already/]);
});

test("an undo that did not reach the server can be tried again", async () => {
    expect.errors(1);
    onRpc(
        "/web/dataset/call_kw/crm.lead.merge/action_undo",
        () => new Response("", {status: 502}),
        {pure: true}
    );
    await showDone();
    await click(".o_notification button:contains(Undo)");
    await animationFrame();
    await animationFrame();
    expect(".o_notification button:contains(Undo)").toHaveCount(1);
    expect.verifyErrors([/ConnectionLostError|connection/i]);
});

test("what is undone elsewhere on the page is not offered any more", async () => {
    await showDone();
    const undone = {
        type: "ir.actions.client",
        tag: "crm_lead_qualification.undone",
        params: {
            message: "The merge into ‘First’ is undone.",
            res_model: "crm.lead.merge",
            res_id: 8,
            next: {type: "ir.actions.act_window_close"},
        },
    };
    await getService("action").doAction(undone);
    await animationFrame();
    expect(".o_notification button:contains(Undo)").toHaveCount(1);
    undone.params.res_id = 7;
    await getService("action").doAction(undone);
    await animationFrame();
    expect(".o_notification button:contains(Undo)").toHaveCount(0);
    expect(".o_notification:contains(is undone)").toHaveCount(2);
});

test("what else can be done keeps the notification", async () => {
    onRpc("crm.lead.merge", "action_merge_customers", ({args}) => {
        expect.step(args[0]);
        return {type: "ir.actions.act_window_close"};
    });
    const then = {name: "Merge their customers", method: "action_merge_customers"};
    await showDone({then});
    await click(".o_notification button:contains(Merge their customers)");
    await animationFrame();
    await animationFrame();
    expect.verifySteps([[7]]);
    expect(".o_notification button:contains(Undo)").toHaveCount(1);
});
