import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {expect, test} from "@odoo/hoot";
import {waitFor} from "@odoo/hoot-dom";
import {animationFrame} from "@odoo/hoot-mock";
import {
    MockServer,
    contains,
    defineActions,
    defineModels,
    fields,
    getService,
    models,
    mountView,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {FetchRecordError} from "@web/model/relational_model/errors";
import {WebClient} from "@web/webclient/webclient";

const FORM = `
    <form js_class="crm_form">
        <button name="reload" type="object" string="Reload"/>
        <field name="name"/>
    </form>`;

class Lead extends models.Model {
    _name = "crm.lead";

    name = fields.Char();

    reload() {
        expect.step("reload");
        return false;
    }

    _records = [
        {id: 1, name: "Survivor"},
        {id: 2, name: "Another"},
    ];
    _views = {
        form: FORM,
        list: `<list><field name="name"/></list>`,
    };
}

class Merge extends models.Model {
    _name = "crm.lead.merge";

    /** Lead 9 went into lead 1; lead 8 into one the user may not read. */
    resolve(ids) {
        expect.step(`resolve ${ids}`);
        return Object.fromEntries(ids.map((id) => [id, id === 9 ? 1 : false]));
    }
}

defineMailModels();
defineModels([Lead, Merge]);

const notification = ".o_notification:contains('was merged into “Survivor”')";

function openForm(resId, options = {}) {
    return mountView({
        type: "form",
        resModel: "crm.lead",
        arch: FORM,
        resId,
        ...options,
    });
}

test("a form that asks for a merged-away lead shows the survivor and says so", async () => {
    await openForm(9);
    expect(".o_field_widget[name=name] input").toHaveValue("Survivor");
    await waitFor(notification);
    expect.verifySteps(["resolve 9"]);
});

test("what is written then goes to the survivor", async () => {
    onRpc("crm.lead", "web_save", ({args}) => expect.step(`save ${args[0]}`));
    await openForm(9);
    await contains(".o_field_widget[name=name] input").edit("Renamed");
    await contains(".o_form_button_save").click();
    expect.verifySteps(["resolve 9", "save 1"]);
});

test.tags("desktop");
test("the pager goes on to the survivor, which is listed once", async () => {
    await openForm(2, {resIds: [1, 2, 9]});
    expect(".o_pager_limit").toHaveText("3");
    await contains(".o_pager_next").click();
    expect(".o_field_widget[name=name] input").toHaveValue("Survivor");
    expect(".o_pager_limit").toHaveText("2");
    expect(".o_pager_value").toHaveText("1");
    await waitFor(notification);
    expect.verifySteps(["resolve 9"]);
});

test("a lead that exists asks nothing", async () => {
    await openForm(1);
    expect(".o_field_widget[name=name] input").toHaveValue("Survivor");
    expect.verifySteps([]);
});

test.tags("desktop");
test("a lead whose survivor the user may not read is missing, as before", async () => {
    await mountWithCleanup(WebClient);
    const error = await getService("action")
        .doAction({
            type: "ir.actions.act_window",
            res_model: "crm.lead",
            res_id: 8,
            views: [[false, "form"]],
        })
        .catch((error) => error);
    expect(error.cause).toBeInstanceOf(FetchRecordError);
    expect(".o_form_view").toHaveCount(0);
    expect.verifySteps(["resolve 8"]);
});

test.tags("desktop");
test("the address in the browser follows", async () => {
    defineActions([
        {
            id: 77,
            name: "Leads",
            res_model: "crm.lead",
            views: [
                [false, "list"],
                [false, "form"],
            ],
        },
    ]);
    await mountWithCleanup(WebClient);
    await getService("action").doAction(77, {
        viewType: "form",
        props: {resId: 9},
    });
    await waitFor(notification);
    await animationFrame();
    expect(".o_field_widget[name=name] input").toHaveValue("Survivor");
    expect(getService("action").currentController.currentState.resId).toBe(1);
    expect.verifySteps(["resolve 9"]);
});

test("a form that is reloaded after a colleague's merge goes on to the survivor", async () => {
    Lead._records.push({id: 9, name: "Soon merged"});
    await openForm(9);
    expect(".o_field_widget[name=name] input").toHaveValue("Soon merged");
    MockServer.env["crm.lead"].unlink([9]);
    await contains(".o_form_view button[name=reload]").click();
    expect(".o_field_widget[name=name] input").toHaveValue("Survivor");
    await waitFor(notification);
    expect.verifySteps(["reload", "resolve 9"]);
});
