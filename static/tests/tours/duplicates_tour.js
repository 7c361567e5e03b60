import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const row = (name) => `.o_list_view .o_data_row:contains(${name})`;

const select = (name) => ({
    content: `select ${name}`,
    trigger: `${row(name)} .o_list_record_selector input`,
    run: "click",
});

const press = (content, name) => ({
    content,
    trigger: `button[name=${name}]:enabled:visible`,
    run: "click",
});

const open = (menu) => [
    {
        content: "open the submenu",
        trigger: ".o_menu_sections [data-menu-xmlid='crm.crm_menu_leads']",
        run: "click",
    },
    {
        content: `open ${menu}`,
        trigger: `[data-menu-xmlid='crm_lead_qualification.${menu}']`,
        run: "click",
    },
];

const openDuplicates = () => open("crm_lead_menu_duplicates");

/** Looks at a group and why it is one, merges it, keeps another separate, merges the
 * rest in a run that is undone, and asks again about what was kept separate. */
tours.add("crm_lead_qualification_duplicates", {
    steps: () => [
        ...openDuplicates(),
        {
            content: "the group says why it is one, and how sure that is",
            trigger: `${row("Ann Tour")}:contains(Same e-mail address):contains(Certain)`,
        },
        {
            content: "open it",
            trigger: `${row("Ann Tour")} td[name=display_name]`,
            run: "click",
        },
        {
            content: "compare its leads",
            trigger:
                ".o_form_view .o_field_widget[name=pair_ids] button[name=action_compare]",
            run: "click",
        },
        {
            content: "each finding says what it counts",
            trigger:
                ".modal .o_field_widget[name=line_ids] .o_data_row:contains(Same e-mail address)",
        },
        {
            content: "close",
            trigger: ".modal-footer button:contains(Close)",
            run: "click",
        },
        {
            content: "merge the group",
            trigger: ".o_statusbar_buttons button[name=action_merge]",
            run: "click",
        },
        {
            content: "the dialog shows what will be kept",
            trigger: ".modal .o_lead_merge_plan:contains(2 records become one)",
        },
        press("merge", "action_merge_and_notify"),
        {
            content: "it says so",
            trigger: ".o_notification:contains(2 records became one)",
        },
        {
            content: "the survivor opens",
            trigger:
                ".o_form_view .o_field_widget[name=name] textarea:value(Office chairs)",
        },
        ...openDuplicates(),
        {
            content: "the list is that of now, not the one the client remembers",
            trigger: `.o_list_view:has(.o_data_row:contains(Bob Tour)):not(:has(.o_data_row:contains(Ann Tour)))`,
        },
        select("Bob Tour"),
        press("they are two prospects", "action_keep_separate"),
        {
            content: "it says where to take that back",
            trigger: ".o_notification:contains(Ask again under Leads → Kept Separate)",
        },
        {
            content: "they are gone from the list",
            trigger: `.o_list_view:not(:has(.o_data_row:contains(Bob Tour)))`,
        },
        select("Cleo Tour"),
        select("Dora Tour"),
        press("merge two groups at once", "action_merge"),
        {
            content: "a run is proposed",
            trigger: ".o_form_view:contains(Merge of 2 groups of leads)",
        },
        press("start it", "action_start"),
        {
            content: "it says what was done",
            trigger: ".o_form_view .o_form_sheet:contains(4 done, 0 skipped)",
        },
        press("take all of it back", "action_undo"),
        {
            content: "it is undone",
            trigger:
                ".o_form_view .o_statusbar_status .o_arrow_button_current:contains(Undone)",
        },
        ...open("crm_lead_menu_kept_separate"),
        select("Same e-mail address"),
        press("ask again about those two", "action_ask_again"),
        {
            content: "nothing is kept separate any more",
            trigger:
                ".o_list_view:not(:has(.o_data_row:contains(Same e-mail address)))",
        },
    ],
});

/** Sees that there is a duplicate of a colleague, and nothing of it; asks the owner. */
tours.add("crm_lead_qualification_ask_the_owner", {
    steps: () => [
        {
            content: "there is one, and nothing is told of it",
            trigger:
                ".o_form_view [name=duplicate_banner]:contains(1 record that you may not read looks like this one):not(:contains(Secret))",
        },
        press("ask the owner", "action_ask_duplicate_owners"),
        {
            content: "done",
            trigger: ".o_notification:contains(The owners have been asked)",
        },
        {
            content: "once is enough",
            trigger:
                ".o_form_view [name=duplicate_banner]:not(:has(button[name=action_ask_duplicate_owners]))",
        },
    ],
});
