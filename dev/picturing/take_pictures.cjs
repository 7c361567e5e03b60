// Takes the pictures of static/description/; started by dev/screenshots.
const path = require("path");
const {chromium} = require("playwright-core");

const {BASE, CHROME, DATABASE, EXTREMES, FOLDER} = process.env;
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

    /** Create leads that differ in everything, with names as long as people make them. */
    createMany(number) {
        const values = Array.from({length: number}, (_one, place) => ({
            name: `Request ${place} for a quotation of office furniture, `.repeat(4),
            type: "lead",
            contact_name: `Maximiliane Konstantinopoulou-Featherstonehaugh ${place}`,
            partner_name: `Donaudampfschifffahrtsgesellschaft ${place} GmbH & Co. KG`,
            email_from: `maximiliane.konstantinopoulou${place % 9}@dampfschiff.example.org`,
            phone: `+49 89 1234${place}`,
            city: `Llanfairpwllgwyngyll ${place}`,
            description: "<p>We have been looking for you for years.</p>".repeat(20),
        }));
        return this.call("orm", "create", "crm.lead", values);
    }

    /** Create the company and the person that a lead names. */
    async createCustomersOf(leadId) {
        const [lead] = await this.call("orm", "read", "crm.lead", [leadId], []);
        const [company] = await this.call("orm", "create", "res.partner", [
            {name: lead.partner_name, is_company: true, phone: lead.phone},
        ]);
        const {contact_name: name, email_from: email} = lead;
        const person = {name, email, parent_id: company};
        await this.call("orm", "create", "res.partner", [person]);
    }

    /** Have the scheduled action look for duplicates, as it does every minute. */
    async compareChanges() {
        const [job] = await this.call("orm", "search", "ir.cron", [
            ["name", "=", "CRM: compare changed leads with others"],
        ]);
        await this.call("orm", "call", "ir.cron", "method_direct_trigger", [[job]]);
    }

    /** Install a language, and let the user have it. */
    async speak(code) {
        const [language] = await this.call(
            "orm",
            "search",
            "res.lang",
            [["code", "=", code]],
            {context: {active_test: false}}
        );
        const [wizard] = await this.call("orm", "create", "base.language.install", [
            {lang_ids: [[6, 0, [language]]]},
        ]);
        await this.call("orm", "call", "base.language.install", "lang_install", [
            [wizard],
        ]);
        const users = await this.call("orm", "search", "res.users", [
            ["login", "=", "admin"],
        ]);
        await this.call("orm", "write", "res.users", users, {lang: code});
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
    await photographer.createCustomersOf(lead[0]);
    await photographer.openDialog("crm.action_crm_lead2opportunity_partner", lead);
    await photographer.take("convert_dialog", ".modal-content");
    await photographer.open("qualification", ".o_graph_view canvas");
    await photographer.take("qualification_report");
    await photographer.open("settings?view_type=form#crm", ".o_setting_container");
    await page.click(".settings_tab .tab[data-key=crm]");
    await photographer.settle(".app_settings_block[data-key=crm]");
    await photographer.take("settings");
    await takeDuplicates(photographer);
}

async function takeDuplicates(photographer) {
    const {page} = photographer;
    await photographer.compareChanges();
    await photographer.open("lead-duplicates", ".o_list_view .o_data_row");
    await photographer.take("duplicates");
    const twins = await photographer.find(ALIKE);
    const compare = await photographer.call(
        "orm",
        "call",
        "crm.lead",
        "action_compare",
        [twins]
    );
    await photographer.call("action", "doAction", compare);
    await photographer.settle(".modal .o_field_widget[name=line_ids]");
    await photographer.take("compare_dialog", ".modal-content");
    await photographer.open(
        "action-crm.crm_lead_all_leads?view_type=list",
        ".o_list_view"
    );
    await page.click("thead .o_list_record_selector input");
    await page.click(".o_cp_action_menus button:has-text('Actions')");
    await page.click(
        ".o-dropdown--menu .o_menu_item:has-text('Convert to opportunities')"
    );
    await photographer.settle(".modal .o_field_widget[name=proposal_ids]");
    await page.click(".modal-footer button[name=action_convert_in_run]");
    await photographer.settle(".o_form_view .o_lead_run_progress");
    await photographer.take("bulk_run");
}

/** The same dialogs where they are hardest to read: to look at, not to show. */
async function takeExtremes(photographer) {
    const {page} = photographer;
    const leads = "action-crm.crm_lead_all_leads?view_type=list";
    await photographer.logIn();
    await photographer.open(leads, ".o_list_view");
    const many = await photographer.createMany(30);
    for (const [name, size] of Object.entries({wide: WIDE, phone: PHONE})) {
        await page.setViewportSize(size);
        await photographer.open(leads, ".o_list_view, .o_kanban_view");
        await photographer.openDialog("crm.action_merge_opportunities", many);
        await photographer.take(`thirty_${name}`);
        await photographer.open(leads, ".o_list_view, .o_kanban_view");
        await photographer.openDialog("crm.action_crm_send_mass_convert", many);
        await photographer.take(`bulk_${name}`);
        await photographer.open("lead-duplicates", ".o_list_view, .o_kanban_view");
        await photographer.take(`duplicates_${name}`);
        await photographer.open(`${leads.split("?")[0]}/${many[0]}`, ".o_form_view");
        await photographer.take(`form_${name}`);
    }
    await page.setViewportSize(WIDE);
    await photographer.speak("ar_001");
    await photographer.open(leads, ".o_list_view"); // the session learns of it
    await photographer.open(leads, ".o_list_view");
    await photographer.openDialog("crm.action_merge_opportunities", many.slice(0, 3));
    await photographer.take("merge_rtl");
    await photographer.open(leads, ".o_list_view");
    await photographer.openDialog("crm.action_crm_lead2opportunity_partner", many);
    await photographer.take("convert_rtl");
}

// What the demo data hold that shows most.
const MERGED = [
    "Terrace furniture for a brewery",
    "Chairs and parasols",
    "Terrace 2027",
];
const CONVERTED = "Waiting room";
const ALIKE = ["Reception desk", "Waiting room"];

async function main() {
    const browser = await chromium.launch({
        executablePath: CHROME,
        args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
    });
    try {
        const page = await browser.newPage({viewport: WIDE});
        page.setDefaultTimeout(30000);
        const take = EXTREMES ? takeExtremes : takePictures;
        await take(new Photographer(page));
    } finally {
        await browser.close();
    }
}

main().catch((error) => {
    console.error(`✗ ${error.message}`);
    process.exitCode = 1;
});
