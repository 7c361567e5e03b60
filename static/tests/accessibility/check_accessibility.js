/* global axe, odoo */
/* eslint-disable no-console -- the test listens to the console */
// Walks through the dialogs and pages of this addon and asks axe-core about each.
// Not part of a bundle: tests/test_accessibility.py runs it in the page, after axe-core.

// Odoo's own components, whose findings are its own screens' as well.
const CORE = [
    ".badge",
    ".nav-tabs",
    ".o-autocomplete",
    ".o-mail-Avatar",
    ".o-dropdown",
    ".o_field_widget[name=revenue]",
    ".o_list_record_selector",
    ".o_optional_columns_dropdown",
    ".o_pivot_measure_row",
    ".o_progress",
    ".o_searchview",
];

const odooEnv = () => odoo.__WOWL_DEBUG__.root.env;

async function waitFor(selector) {
    for (let attempt = 0; attempt < 200; attempt++) {
        if (document.querySelector(selector)) {
            return new Promise((resolve) => setTimeout(resolve, 300));
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${selector} does not show up`);
}

async function findSerious(selector) {
    const exclude = CORE.flatMap((one) => [[`${selector} ${one}`]]);
    const {violations} = await axe.run(
        {include: [[selector]], exclude},
        {resultTypes: ["violations"]}
    );
    return violations
        .filter(({impact}) => ["serious", "critical"].includes(impact))
        .flatMap(({id, nodes}) => nodes.map(({html}) => `${id}: ${html}`));
}

/**
 * @param {Array} places [[what it is, action, context, selector, view type], …]
 */
async function checkAccessibility(places) {
    const found = [];
    for (const [name, action, additionalContext, selector, viewType] of places) {
        await odooEnv().services.action.doAction(action, {
            additionalContext,
            ...(viewType && {viewType}),
            clearBreadcrumbs: true,
        });
        await waitFor(selector);
        const serious = await findSerious(selector.split(" ")[0]);
        found.push(...serious.map((one) => `${name}: ${one}`));
        if (selector.startsWith(".modal")) {
            await odooEnv().services.action.doAction({
                type: "ir.actions.act_window_close",
            });
        }
    }
    if (found.length) {
        throw new Error(found.join("\n"));
    }
    console.log("test successful");
}

window.checkAccessibility = checkAccessibility;
