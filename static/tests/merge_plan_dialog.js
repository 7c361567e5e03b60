import {defineModels, fields, models, mountView} from "@web/../tests/web_test_helpers";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";

export const PLAN = {
    count: 2,
    leads: [
        {
            id: 1,
            name: "First",
            kind: "Lead",
            date: "01/02/2026",
            salesperson: "Ana",
            notice: "",
        },
        {
            id: 2,
            name: "Second",
            kind: "Opportunity",
            date: "03/02/2026",
            salesperson: "",
            notice: "Won: stays won",
        },
    ],
    rows: [
        {
            field: "city",
            bundle: "address",
            together: "Street, Zip",
            label: "City",
            cells: ["Paris", "Lyon"],
            kept: "Paris",
            origin_id: 1,
            is_united: false,
            differs: true,
        },
        {
            field: "email_cc",
            bundle: "email_cc",
            label: "Cc",
            cells: ["a@x.y", "b@x.y"],
            kept: "a@x.y, b@x.y",
            origin_id: null,
            is_united: true,
            differs: true,
        },
        {
            field: "lang_id",
            bundle: "lang_id",
            label: "Language",
            cells: ["French", "French"],
            kept: "French",
            origin_id: 1,
            is_united: false,
            differs: false,
        },
    ],
    references: [
        {label: "Activities", count: 3, done: 2},
        {label: "Messages", count: 12, done: 0},
    ],
};

class Dialog extends models.Model {
    _name = "dialog";

    plan = fields.Json();
    choices = fields.Json();
    survivor_id = fields.Many2one({relation: "dialog"});
}

/** Define the models that `mountDialog` needs. */
export function defineDialog() {
    defineMailModels();
    defineModels([Dialog]);
}

/** Mount a form that holds a plan, as the merge dialog does. */
export async function mountDialog(plan = PLAN) {
    Dialog._records = [{id: 1, plan, choices: {}}, {id: 2}];
    await mountView({
        type: "form",
        resModel: "dialog",
        resId: 1,
        arch: `
            <form>
                <field name="choices" invisible="1"/>
                <field name="survivor_id"/>
                <field name="plan" widget="lead_merge_plan"/>
            </form>`,
    });
}
