import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const press = (content, name) => ({
    content,
    trigger: `button[name=${name}]:enabled:visible`,
    run: "click",
});

/** A customer of last year asks again: the banner and the dialog say that the deal is won,
 * nothing goes into it without a question, and the inquiry stays. */
tours.add("crm_lead_qualification_won_deal", {
    steps: () => [
        {
            content: "the banner says that the deal is won",
            trigger:
                "[name=duplicate_banner] [name=duplicate_best_id]:contains(Deal of last year):contains(won)",
        },
        press("merge", "action_merge_duplicate"),
        {
            content: "the inquiry is what is merged into",
            trigger:
                ".modal .o_lead_merge_plan th.o_lead_merge_survivor:contains(New inquiry)",
        },
        {
            content: "the won deal is offered, as what it is",
            trigger:
                ".modal .o_lead_merge_head:contains(Deal of last year):contains(won)",
            run: "click",
        },
        {
            content: "it is merged into now",
            trigger:
                ".modal th.o_lead_merge_survivor:contains(Deal of last year):contains(won)",
        },
        {
            content: "and stands in the field as well",
            trigger:
                ".modal [name=survivor_id] input:value(Deal of last year):value(won)",
        },
        press("merge", "action_merge_and_notify"),
        {
            content: "it asks first",
            trigger: ".modal:contains(is won: all that is merged into it)",
        },
        {
            content: "no",
            trigger: ".modal:contains(is won: all that) button:contains(Cancel)",
            run: "click",
        },
        {
            content: "the dialog is still there",
            trigger: ".modal:not(:contains(is won: all that)) .o_lead_merge_plan",
        },
        {
            content: "leave it",
            trigger: ".modal-footer button[special=cancel]",
            run: "click",
        },
        {
            content: "the inquiry is as it was",
            trigger: "body:not(:has(.modal)) [name=duplicate_banner]",
        },
    ],
});

/** What never was a lead becomes one after a question, and is one deal again by undo; the
 * menu offers it on opportunities alone. */
tours.add("crm_lead_qualification_back_to_lead", {
    steps: () => [
        {
            content: "open the action menu of an opportunity",
            trigger: ".o_form_view .o_cp_action_menus button:has(.fa-cog)",
            run: "click",
        },
        {
            content: "go back",
            trigger: ".o-dropdown--menu .o_menu_item:contains(Back to Lead)",
            run: "click",
        },
        {
            content: "it asks first",
            trigger: ".modal:contains(it never was a lead)",
        },
        {
            content: "yes",
            trigger: ".modal-footer button:contains(Make it a lead)",
            run: "click",
        },
        {
            content: "it is a lead, which can be converted",
            trigger: ".o_form_view .o_statusbar_buttons button:contains(Convert)",
        },
        {
            content: "open the action menu of the lead",
            trigger: ".o_form_view .o_cp_action_menus button:has(.fa-cog)",
            run: "click",
        },
        {
            content: "a lead cannot go back",
            trigger:
                ".o-dropdown--menu:has(.o_menu_item):not(:has(.o_menu_item:contains(Back to Lead)))",
        },
        {
            content: "undo from the notification",
            trigger: ".o_notification button:contains(Undo)",
            run: "click",
        },
        {
            content: "it says so",
            trigger: ".o_notification:contains(is an opportunity again)",
        },
    ],
});
