/* global odoo */

import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** Check that the address of the page is that of the record shown under `name`. */
const checkAddress = (name) => ({
    content: "the address is that of the record shown",
    trigger: `.o_form_view .o_field_widget[name=name] textarea:value(${name})`,
    async run() {
        const id = Number(window.location.pathname.split("/").at(-1));
        const [record] = await odoo.__WOWL_DEBUG__.root.env.services.orm.read(
            "crm.lead",
            [id],
            ["name"]
        );
        if (record?.name !== name) {
            throw new Error(
                `${window.location.pathname} is not the address of ${name}`
            );
        }
    },
});

/** Opens an address that names a merged-away lead. */
tours.add("crm_lead_qualification_old_address", {
    steps: () => [
        {
            content: "the survivor is shown",
            trigger:
                ".o_form_view .o_field_widget[name=name] textarea:value(Tour survivor)",
        },
        checkAddress("Tour survivor"),
        {
            content: "the chatter says which lead a message comes from",
            trigger:
                ".o-mail-Message:contains(About the source) .o-crm-MovedMessage:contains(from lead Tour source)",
        },
        {
            content: "and nothing of a message that was there before",
            trigger:
                ".o-mail-Message:contains(About the survivor):not(:has(.o-crm-MovedMessage))",
        },
    ],
});

/** Goes on working with a list that a merge has overtaken. */
tours.add("crm_lead_qualification_old_list", {
    steps: () => [
        {
            content: "look at the lead, so that the browser remembers it",
            trigger: ".o_list_view .o_data_row td[name=name]:contains(Tour source)",
            run: "click",
        },
        {
            content: "it is shown; back to the list",
            trigger:
                ".o_form_view:has(.o_field_widget[name=name] textarea:value(Tour source))",
        },
        {
            content: "back to the list",
            trigger: ".breadcrumb-item.o_back_button a, .o_back_button",
            run: "click",
        },
        {
            content: "meanwhile it is merged",
            trigger: ".o_list_view .o_data_row:contains(Tour source)",
            async run() {
                const orm = odoo.__WOWL_DEBUG__.root.env.services.orm;
                const leads = await orm.search("crm.lead", [
                    ["name", "like", "Tour s"],
                ]);
                await orm.call("crm.lead", "merge_opportunity", [leads]);
            },
        },
        {
            content: "the list still has it; open it",
            trigger: ".o_list_view .o_data_row td[name=name]:contains(Tour source)",
            run: "click",
        },
        {
            content: "a notification says what happened",
            trigger: ".o_notification:contains(was merged into “Tour survivor”)",
        },
        checkAddress("Tour survivor"),
        {
            content: "the messages of both are there",
            trigger: ".o-mail-Message:contains(About the source) .o-crm-MovedMessage",
        },
    ],
});
