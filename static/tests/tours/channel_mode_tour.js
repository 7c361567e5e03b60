import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

const CHANNEL = "Spare Parts Tour";

/** Switches leads on, sets one channel apart, and finds the Leads submenu. */
registry.category("web_tour.tours").add("crm_lead_qualification_channel_mode", {
    steps: () => [
        {
            content: "leads are switched off at first",
            trigger:
                "#crm_lead .o_field_widget[name=group_use_lead] input:not(:checked)",
            run: "click",
        },
        {
            content: "the way to the channels appears",
            trigger: "#crm_lead button:contains(Set sales teams apart)",
        },
        {
            content: "save the settings",
            trigger: ".o_form_button_save",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "the page is loaded again with the submenu",
            trigger: ".o_menu_sections [data-menu-xmlid='crm.crm_menu_leads']",
        },
        {
            content: "the setting is kept",
            trigger: "#crm_lead .o_field_widget[name=group_use_lead] input:checked",
        },
        {
            content: "go to the channels",
            trigger: "#crm_lead button:contains(Set sales teams apart)",
            run: "click",
        },
        {
            content: "every channel makes leads; open one",
            trigger: `.o_list_view .o_data_row:contains(${CHANNEL}):has([name=use_leads] input:checked) td[name=name]`,
            run: "click",
        },
        {
            content: "its form says that it makes leads; set it apart",
            trigger: ".o_form_view .o_field_widget[name=use_leads] input:checked",
            run: "click",
        },
        {
            content: "the form says what that means",
            trigger:
                ".o_form_view span:contains(What comes in is an opportunity at once)",
        },
        ...stepUtils.saveForm(),
        {
            content: "open the submenu",
            trigger: ".o_menu_sections [data-menu-xmlid='crm.crm_menu_leads']",
            run: "click",
        },
        {
            content: "my leads are there as well",
            trigger:
                "[data-menu-xmlid='crm_lead_qualification.crm_lead_menu_mine']:contains(My leads)",
        },
        {
            content: "all leads",
            trigger: "[data-menu-xmlid='crm_lead_qualification.crm_lead_menu_all']",
            run: "click",
        },
        {
            content: "only leads to qualify are listed at first",
            trigger: ".o_searchview .o_facet_value:contains(To Qualify)",
        },
    ],
});

/** Types a lead in under Leads, and finds it there. */
registry.category("web_tour.tours").add("crm_lead_qualification_type_a_lead", {
    steps: () => [
        {
            content: "a new lead",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "its name",
            trigger: ".o_form_view .o_field_widget[name=name] textarea",
            run: "edit Typed on tour",
        },
        ...stepUtils.saveForm(),
        {
            content: "it is a lead: it can be converted",
            trigger: ".o_statusbar_buttons button:contains(Convert to Opportunity)",
        },
        {
            content: "open the submenu",
            trigger: ".o_menu_sections [data-menu-xmlid='crm.crm_menu_leads']",
            run: "click",
        },
        {
            content: "all leads",
            trigger: "[data-menu-xmlid='crm_lead_qualification.crm_lead_menu_all']",
            run: "click",
        },
        {
            content: "it is there",
            trigger: ".o_list_view .o_data_row:contains(Typed on tour)",
        },
    ],
});
