import {registry} from "@web/core/registry";

const openDialog = () => [
    {
        content: "convert",
        trigger: ".o_statusbar_buttons button:contains(Convert to Opportunity)",
        run: "click",
    },
    {
        content: "the dialog says what will happen",
        trigger:
            ".modal .o_field_widget[name=outcome]:contains(becomes an opportunity)",
    },
];

const convert = () => ({
    content: "create the opportunity",
    trigger: ".modal-footer button[name=action_apply_and_tell]",
    run: "click",
});

// not in the dialog, which has a field of that name as well
const isOpportunity = (customer) => ({
    content: "the opportunity is shown, with its customer",
    trigger: `body:not(:has(.modal)) .o_form_view .o_field_widget[name=partner_id] input:value(${customer})`,
});

/** Converts a lead with a new customer, and undoes it from the notification. */
registry.category("web_tour.tours").add("crm_lead_qualification_convert_new_customer", {
    steps: () => [
        ...openDialog(),
        {
            content: "a customer will be created",
            trigger:
                ".modal .o_field_widget[name=outcome]:contains(customer is created)",
        },
        convert(),
        isOpportunity("Tour Person"),
        {
            content: "undo",
            trigger: ".o_notification button:contains(Undo)",
            run: "click",
        },
        {
            content: "it is a lead again",
            trigger: ".o_statusbar_buttons button:contains(Convert to Opportunity)",
        },
    ],
});

/** Converts a lead with one of the customers that are found by themselves. */
registry
    .category("web_tour.tours")
    .add("crm_lead_qualification_convert_existing_customer", {
        steps: () => [
            ...openDialog(),
            {
                content: "the customer is found, with the reason",
                trigger:
                    ".modal .o_field_widget[name=candidate_ids] .o_data_row:contains(Tour Customer):contains(same e-mail address)",
            },
            {
                content: "lead and customer differ, and the dialog says so",
                trigger: ".modal .o_field_widget[name=difference]:contains(Ghent)",
            },
            {
                content: "link another one that was found",
                trigger:
                    ".modal .o_data_row:contains(company of that name) .o_field_widget[name=is_chosen] input",
                run: "click",
            },
            {
                content: "the dialog says so",
                trigger:
                    ".modal .o_field_widget[name=outcome]:contains(customer is Tour Company)",
            },
            convert(),
            isOpportunity("Tour Company"),
        ],
    });

/** Steps that select all leads, and open the dialog for them. */
const openBulkDialog = () => [
    {
        content: "select all",
        trigger: ".o_list_view thead .o_list_record_selector input:not(:checked)",
        run: "click",
    },
    {
        content: "open the action menu",
        trigger: ".o_cp_action_menus button:contains(Actions)",
        run: "click",
    },
    {
        content: "convert",
        trigger: ".o-dropdown--menu .o_menu_item:contains(Convert to opportunities)",
        run: "click",
    },
    {
        content: "the dialog sums up what it proposes",
        trigger: ".modal .o_field_widget[name=summary]:contains(Convert: 3)",
    },
];

/** Converts two of three selected leads in a run, and skips one. */
registry.category("web_tour.tours").add("crm_lead_qualification_convert_bulk", {
    steps: () => [
        ...openBulkDialog(),
        {
            content: "close it by its cross",
            trigger: ".modal header .btn-close",
            run: "click",
        },
        {
            content: "it is closed",
            trigger: "body:not(:has(.modal))",
        },
        ...openBulkDialog(),
        {
            content: "choose otherwise for the first",
            trigger:
                ".modal .o_field_widget[name=proposal_ids] .o_data_row:first td[name=proposal]",
            run: "click",
        },
        {
            content: "skip it",
            trigger:
                ".modal .o_field_widget[name=proposal_ids] .o_selected_row [name=proposal] input",
            run: "click",
        },
        {
            content: "skip it",
            trigger: ".o_select_menu_item:contains(Skip)",
            run: "click",
        },
        {
            content: "the summary follows",
            trigger: ".modal .o_field_widget[name=summary]:contains(Skip: 1)",
        },
        {
            content: "convert",
            trigger: ".modal-footer button[name=action_convert_in_run]",
            run: "click",
        },
        {
            content: "the run says what was done, and what was skipped",
            trigger: ".o_form_view .o_form_sheet:contains(2 done, 1 skipped)",
        },
        {
            content: "its bar is full",
            trigger: ".o_lead_run_progress [role=progressbar][aria-valuenow='100']",
        },
        {
            content: "take all of it back",
            trigger: ".o_statusbar_buttons button[name=action_undo]",
            run: "click",
        },
        {
            content: "it is undone",
            trigger:
                ".o_form_view .o_statusbar_status .o_arrow_button_current:contains(Undone)",
        },
    ],
});

/** Converts a lead into the open opportunity that is offered by itself. */
registry
    .category("web_tour.tours")
    .add("crm_lead_qualification_convert_into_existing_opportunity", {
        steps: () => [
            {
                content: "convert",
                trigger: ".o_statusbar_buttons button:contains(Convert to Opportunity)",
                run: "click",
            },
            {
                content: "merging into the opportunity is what the dialog proposes",
                trigger:
                    ".modal .o_field_widget[name=outcome]:contains(2 records become one: ‘Tour opportunity’)",
            },
            {
                content: "merge",
                trigger:
                    ".modal-footer button[name=action_apply_and_tell]:contains(Merge):visible",
                run: "click",
            },
            {
                content: "the opportunity is shown",
                trigger:
                    ".o_form_view .o_field_widget[name=name] textarea:value(Tour opportunity)",
            },
            {
                content: "and the merge can be undone",
                trigger:
                    ".o_notification:contains(Merged into ‘Tour opportunity’) button:contains(Undo)",
            },
        ],
    });
