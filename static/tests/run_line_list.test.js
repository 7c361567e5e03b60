import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {expect, test} from "@odoo/hoot";
import {animationFrame} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {queryAllTexts} from "@odoo/hoot-dom";

class RunLine extends models.Model {
    _name = "run.line";

    name = fields.Char();
    group_number = fields.Integer();
    proposal = fields.Char();

    _records = [
        {id: 1, name: "A", group_number: 7, proposal: "merge"},
        {id: 2, name: "B", group_number: 7, proposal: "merge"},
        {id: 3, name: "C", group_number: 8, proposal: "convert"},
    ];
}

defineMailModels();
defineModels([RunLine]);

test("what a choice changes in its group is read again, and nothing else", async () => {
    onRpc("run.line", "web_save", function ({args}) {
        expect.step(`save ${args[0]}`);
        this.env["run.line"].write([2], {proposal: "convert"});
    });
    onRpc("run.line", "web_read", ({args}) => expect.step(`read ${args[0]}`));
    await mountView({
        type: "list",
        resModel: "run.line",
        arch: `
            <list js_class="lead_run_lines" editable="bottom">
                <field name="group_number" optional="hide"/>
                <field name="name"/>
                <field name="proposal"/>
            </list>`,
    });
    await contains(".o_data_row:first td[name=proposal]").click();
    await contains(".o_data_row:first td[name=proposal] input").edit("skip");
    await contains(".o_control_panel").click();
    await animationFrame();
    expect.verifySteps(["save 1", "read 2"]);
    expect(queryAllTexts("td[name=proposal]")).toEqual(["skip", "convert", "convert"]);
});
