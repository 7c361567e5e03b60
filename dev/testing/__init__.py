"""How ``dev/test`` runs this addon's own tests, and Odoo's with this addon."""
