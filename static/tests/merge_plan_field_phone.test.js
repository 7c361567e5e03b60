import {defineDialog, mountDialog} from "./merge_plan_dialog";
import {describe, expect, test} from "@odoo/hoot";
import {animationFrame} from "@odoo/hoot-mock";
import {click, queryAllTexts} from "@odoo/hoot-dom";
import {onRpc} from "@web/../tests/web_test_helpers";

defineDialog();
describe.current.tags("mobile");

test("one card a field, each value with who says it", async () => {
    await mountDialog();
    expect(".o_lead_merge_plan table").toHaveCount(0);
    expect(queryAllTexts(".o_lead_merge_card legend")).toEqual(["City", "Cc"]);
    expect(queryAllTexts(".o_lead_merge_card:first .o_lead_merge_value")).toEqual([
        "Paris\nFirst",
        "Lyon\nSecond",
    ]);
    expect(queryAllTexts(".o_lead_merge_kept .o_lead_merge_text")).toEqual([
        "Paris",
        "a@x.y",
        "b@x.y",
    ]);
});

test("equal values are one, said by both", async () => {
    await mountDialog();
    await click(".o_lead_merge_plan input[type=checkbox]");
    await animationFrame();
    expect(queryAllTexts(".o_lead_merge_card:last .o_lead_merge_value")).toEqual([
        "French\nFirst, Second",
    ]);
});

test("a tap takes another value, and merges into another record", async () => {
    onRpc("web_save", ({args}) => {
        expect.step([args[1].choices, args[1].survivor_id]);
    });
    await mountDialog();
    await click(".o_lead_merge_heads button:contains(Second)");
    await animationFrame();
    await click(".o_lead_merge_value:contains(Lyon)");
    await animationFrame();
    await click(".o_form_button_save");
    await animationFrame();
    expect.verifySteps([[{address: 2}, 2]]);
});
