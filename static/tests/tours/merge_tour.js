import {registry} from "@web/core/registry";

const row = (name) => `.o_list_view .o_data_row:contains(${name})`;

/** Select records of the list and open the dialog that merges them. */
const openDialog = (names) => [
    ...names.map((name) => ({
        content: `select ${name}`,
        trigger: `${row(name)} .o_list_record_selector input`,
        run: "click",
    })),
    {
        content: "open the action menu",
        trigger: ".o_cp_action_menus button:contains(Actions)",
        run: "click",
    },
    {
        content: "merge",
        trigger: ".o-dropdown--menu .o_menu_item:contains(Merge)",
        run: "click",
    },
];

/** Merges three from the list choosing two values, and undoes it at once. */
registry.category("web_tour.tours").add("crm_lead_qualification_merge_three", {
    steps: () => [
        {
            content: "look at the first",
            trigger: `${row("Tour first")} td[name=name]`,
            run: "click",
        },
        {
            content: "its chatter is loaded",
            trigger: ".o-mail-Message:contains(Said of the first)",
        },
        {
            content: "back to the list",
            trigger: ".o_back_button a, .o_back_button",
            run: "click",
        },
        ...openDialog(["Tour first", "Tour second", "Tour third"]),
        {
            content: "the one created first is the one merged into",
            trigger:
                ".o_lead_merge_plan th.o_lead_merge_survivor:contains(Tour first):contains(Merged into)",
        },
        {
            content: "the dialog says that the won one stays in",
            trigger: ".o_lead_merge_plan th:contains(Tour third):contains(Won)",
        },
        {
            content: "take the other city",
            trigger: ".o_lead_merge_value:not(.o_lead_merge_kept):contains(Lyon)",
            run: "click",
        },
        {
            content: "it is marked, and its whole address with it",
            trigger: ".o_lead_merge_value.o_lead_merge_kept:contains(Lyon)",
        },
        {
            content: "take the other company name",
            trigger: ".o_lead_merge_value:not(.o_lead_merge_kept):contains(Second Ltd)",
            run: "click",
        },
        {
            content: "it is marked",
            trigger: ".o_lead_merge_value.o_lead_merge_kept:contains(Second Ltd)",
        },
        {
            content: "merge",
            trigger: ".modal-footer button[name=action_merge_and_notify]",
            run: "click",
        },
        {
            content: "it asks, as one of them is won",
            trigger: ".modal:contains(Tour third):contains(counts as won no more)",
        },
        {
            content: "yes",
            trigger: ".modal-footer button:contains(Merge all the same)",
            run: "click",
        },
        {
            content: "the survivor opens",
            trigger: ".o_breadcrumb .active:contains(Tour first)",
        },
        {
            content: "what was said of the second is between its own messages",
            trigger: ".o-mail-Message:contains(Said of the second)",
        },
        {
            content: "what was not kept is at hand",
            trigger: ".o_notebook .nav-link:contains(Merged information)",
            run: "click",
        },
        {
            content: "value by value",
            trigger:
                ".o_field_widget[name=merged_value_ids] .o_data_row:contains(Paris)",
        },
        {
            content: "undo from the notification",
            trigger: ".o_notification button:contains(Undo)",
            run: "click",
        },
        {
            content: "all three are back",
            trigger: `.o_control_panel:contains(Brought back)`,
        },
        {content: "the second", trigger: row("Tour second")},
        {content: "the third", trigger: row("Tour third")},
        {
            content: "look at the first once more",
            trigger: `${row("Tour first")} td[name=name]`,
            run: "click",
        },
        {
            content: "it has its own messages again, and no others",
            trigger:
                ".o-mail-Thread:has(.o-mail-Message:contains(Said of the first)):not(:contains(Said of the second))",
        },
    ],
});
