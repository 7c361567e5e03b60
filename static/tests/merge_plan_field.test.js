import {describe, expect, test} from "@odoo/hoot";
import {click, edit, press, queryAllTexts} from "@odoo/hoot-dom";
import {animationFrame} from "@odoo/hoot-mock";
import {defineDialog, mountDialog, PLAN} from "./merge_plan_dialog";
import {onRpc} from "@web/../tests/web_test_helpers";

defineDialog();
describe.current.tags("desktop");

test("rows in which the records differ are shown, the kept value marked", async () => {
    await mountDialog();
    expect(queryAllTexts(".o_lead_merge_plan tbody th")).toEqual(["City", "Cc"]);
    expect(queryAllTexts(".o_lead_merge_kept")).toEqual(["Paris", "a@x.y", "b@x.y"]);
    expect("thead .o_lead_merge_survivor").toHaveText(/First/);
    expect(".o_lead_merge_outcome").toHaveText(/2 records become one: ‘First’/);
    expect(".o_lead_merge_outcome").toHaveText(/3 Activities \(2 done\), 12 Messages/);
});

test("equal rows unfold, and a search narrows them", async () => {
    await mountDialog();
    await click(".o_lead_merge_plan input[type=checkbox]");
    await animationFrame();
    expect(".o_lead_merge_plan tbody th").toHaveCount(3);
    await click(".o_lead_merge_plan input[type=search]");
    await edit("lyon");
    await animationFrame();
    expect(queryAllTexts(".o_lead_merge_plan tbody th")).toEqual(["City"]);
});

test("a click takes another value, with all of its bundle", async () => {
    onRpc("web_save", ({args}) => {
        expect.step(args[1].choices);
    });
    await mountDialog();
    await click(".o_lead_merge_value:contains(Lyon)");
    await animationFrame();
    await click(".o_form_button_save");
    await animationFrame();
    expect.verifySteps([{address: 2}]);
});

test("a click on a head merges into that record", async () => {
    onRpc("web_save", ({args}) => {
        expect.step(args[1].survivor_id);
    });
    await mountDialog();
    await click(".o_lead_merge_plan thead button:contains(Second)");
    await animationFrame();
    await click(".o_form_button_save");
    await animationFrame();
    expect.verifySteps([2]);
});

test("arrows walk through the values, space and Enter take one", async () => {
    onRpc("web_save", ({args}) => {
        expect.step(args[1].choices);
    });
    await mountDialog();
    expect(".o_lead_merge_search").toBeFocused();
    await press("Tab"); // the switch
    await press("Tab"); // the first head
    expect(".o_lead_merge_plan thead button:contains(First)").toBeFocused();
    await press("ArrowRight");
    expect(".o_lead_merge_plan thead button:contains(Second)").toBeFocused();
    await press("ArrowDown");
    expect(".o_lead_merge_value:contains(Lyon)").toBeFocused();
    await press("Home");
    expect(".o_lead_merge_value:contains(Paris)").toBeFocused();
    await press("End");
    await press("Enter");
    await animationFrame();
    await click(".o_form_button_save");
    await animationFrame();
    expect.verifySteps([{address: 2}]);
});

test("taking a value says what comes with it", async () => {
    await mountDialog();
    expect(".o_lead_merge_value:contains(Lyon)").toHaveAttribute(
        "title",
        "Keep this instead, with: Street, Zip"
    );
});

test("a search without result names what was searched for", async () => {
    await mountDialog();
    await click(".o_lead_merge_search");
    await edit("zzz");
    await animationFrame();
    expect(".o_lead_merge_plan tbody").toHaveText("No field or value contains “zzz”.");
});

test("a value that none of the records says is shown beside the label", async () => {
    const row = {
        field: "expected_revenue",
        bundle: "expected_revenue",
        together: "",
        label: "Expected Revenue",
        cells: ["10", "20"],
        kept: "30",
        origin_id: null,
        is_united: false,
        differs: true,
    };
    await mountDialog({...PLAN, rows: [row]});
    expect(".o_lead_merge_plan tbody th").toHaveText(/→ 30/);
    expect(".o_lead_merge_kept").toHaveCount(0);
});

test("too many records are said in words, without columns", async () => {
    await mountDialog({
        ...PLAN,
        count: 10000,
        leads: PLAN.leads.slice(0, 1),
        rows: [],
        too_many: "Are all 10000 one and the same prospect?",
    });
    expect(".o_lead_merge_outcome").toHaveText(/10000 records become one: ‘First’/);
    expect(".alert-warning").toHaveText(/one and the same prospect/);
    expect(".o_lead_merge_plan table").toHaveCount(0);
});

test("a refusal is said instead of a plan", async () => {
    await mountDialog({refusal: "Select at least two records."});
    expect(".alert-warning").toHaveText("Select at least two records.");
    expect(".o_lead_merge_plan").toHaveCount(0);
});
