from . import crm_lead, crm_team, ir_ui_menu, res_config_settings
