// Takes the pictures of static/description/; started by dev/screenshots.
const path = require("path");
const {chromium} = require("playwright-core");

const {BASE, CHROME, DATABASE, FOLDER} = process.env;
const PHONE = {width: 375, height: 740};
const WIDE = {width: 1200, height: 900};

class Photographer {
    constructor(page) {
        this.page = page;
    }

    async logIn() {
        await this.page.goto(`${BASE}/web/login`);
        const params = {db: DATABASE, login: "admin", password: "admin"};
        await this.page.request.post(`${BASE}/web/session/authenticate`, {
            data: {jsonrpc: "2.0", params},
        });
    }

    /** Run `method` of one of the web client's services. */
    call(service, method, ...parameters) {
        return this.page.evaluate(
            ([service, method, parameters]) =>
                odoo.__WOWL_DEBUG__.root.env.services[service][method](...parameters),
            [service, method, parameters]
        );
    }

    async open(address, selector) {
        await this.page.goto(`${BASE}/odoo/${address}`);
        await this.settle(selector);
    }

    async openDialog(action, leadIds) {
        await this.call("action", "doAction", action, {
            additionalContext: {
                active_model: "crm.lead",
                active_id: leadIds[0],
                active_ids: leadIds,
            },
        });
        await this.settle(".modal .o_form_view");
    }

    async find(names) {
        const found = await this.call(
            "orm",
            "searchRead",
            "crm.lead",
            [["name", "in", names]],
            ["name"],
            {context: {active_test: false}}
        );
        return names.map((name) => {
            const lead = found.find((one) => one.name === name);
            if (!lead) {
                throw new Error(`The demo data have no lead ‘${name}’`);
            }
            return lead.id;
        });
    }

    async settle(selector) {
        await this.page.waitForSelector(selector);
        await this.page.mouse.move(0, 0);
        await this.page.waitForTimeout(1500);
    }

    async take(name, selector) {
        const target = selector ? this.page.locator(selector) : this.page;
        await target.screenshot({path: path.join(FOLDER, `${name}.png`)});
        console.error(`✓ ${name}.png`);
    }
}

async function takePictures(photographer) {
    const {page} = photographer;
    const leads = "action-crm.crm_lead_all_leads?view_type=list";
    await photographer.logIn();
    await photographer.open(leads, ".o_list_view");
    const alike = await photographer.find(MERGED);
    await photographer.openDialog("crm.action_merge_opportunities", alike);
    await photographer.take("merge_dialog", ".modal-content");
    await page.setViewportSize(PHONE);
    await photographer.open(leads, ".o_kanban_view, .o_list_view");
    await photographer.openDialog("crm.action_merge_opportunities", alike);
    await photographer.take("merge_dialog_phone");
    await page.setViewportSize(WIDE);
    await photographer.open(leads, ".o_list_view");
    await photographer.openDialog("crm.action_merge_opportunities", alike);
    await page.click(".modal-footer button[name=action_merge_and_notify]");
    await page.click(".o_notebook .nav-link[name=merged_information]");
    await photographer.settle(".o_field_widget[name=merged_value_ids]");
    await photographer.take("merged_information");
    await photographer.open(leads, ".o_list_view");
    const lead = await photographer.find([CONVERTED]);
    await photographer.openDialog("crm.action_crm_lead2opportunity_partner", lead);
    await photographer.take("convert_dialog", ".modal-content");
    await photographer.open("qualification", ".o_graph_view canvas");
    await photographer.take("qualification_report");
    await photographer.open("settings?view_type=form#crm", ".o_setting_container");
    await page.click(".settings_tab .tab[data-key=crm]");
    await photographer.settle(".app_settings_block[data-key=crm]");
    await photographer.take("settings");
}

// What the demo data hold that shows most.
const MERGED = [
    "Terrace furniture for a brewery",
    "Chairs and parasols",
    "Terrace 2027",
];
const CONVERTED = "Waiting room";

async function main() {
    const browser = await chromium.launch({
        executablePath: CHROME,
        args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
    });
    try {
        const page = await browser.newPage({viewport: WIDE});
        page.setDefaultTimeout(30000);
        await takePictures(new Photographer(page));
    } finally {
        await browser.close();
    }
}

main().catch((error) => {
    console.error(`✗ ${error.message}`);
    process.exitCode = 1;
});
