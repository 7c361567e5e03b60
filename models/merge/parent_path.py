from odoo import models
from odoo.tools import SQL


class CrmLead(models.Model):
    """The path of a lead below its parents, where another addon gives it one
    (``_parent_store``)."""

    _inherit = "crm.lead"

    def _mend_parent_path(self):
        """Let the path say what the parents say, of these leads and of all below."""
        if not self._parent_store:
            return
        self.env["crm.lead"].flush_model([self._parent_name, "parent_path"])
        # Raw SQL: links move by SQL, so that the ORM does not keep the path; and one
        # query, however many leads there are below. One of a circle is left alone.
        self.env.cr.execute(
            SQL(
                """
                WITH RECURSIVE below(id) AS (
                    SELECT unnest(%(ids)s::int[])
                     UNION
                    SELECT t.id FROM crm_lead t JOIN below ON t.%(parent)s = below.id
                ), above(id, parent_id, path) AS (
                    SELECT t.id, t.%(parent)s, t.id || '/'
                      FROM crm_lead t JOIN below ON below.id = t.id
                     UNION ALL
                    SELECT above.id, t.%(parent)s, t.id || '/' || above.path
                      FROM above JOIN crm_lead t ON t.id = above.parent_id
                     WHERE strpos('/' || above.path, '/' || t.id || '/') = 0
                )
                UPDATE crm_lead t SET parent_path = above.path
                  FROM above
                 WHERE above.id = t.id AND above.parent_id IS NULL
                   AND t.parent_path IS DISTINCT FROM above.path
                """,
                parent=SQL.identifier(self._parent_name),
                ids=self.ids,
            )
        )
        self.env["crm.lead"].invalidate_model(["parent_path"], flush=False)


class CrmLeadMerge(models.Model):
    """What merging and undoing mean for the leads below those that are merged."""

    _inherit = "crm.lead.merge"

    def _apply_one(self, plan, survivor, sources, references):
        result = super()._apply_one(plan, survivor, sources, references)
        survivor._mend_parent_path()
        return result

    def _undo(self):
        leads = self._get_leads()
        result = super()._undo()
        leads._mend_parent_path()
        return result
