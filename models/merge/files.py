from odoo import api, fields, models, tools
from odoo.tools import SQL

from ...engine.survivorship import decide_field

#: The model that holds the files of a merged lead until undo.
HOLDER = "crm.lead.merge.source"
#: The columns of an attachment that say whose it is: all others are the file.
OWNER_COLUMNS = ("id", "res_model", "res_id", "res_field", "access_token")


class CrmLeadMerge(models.Model):
    """The files that are values of fields, such as images: whose they were.

    How it works: a file is written by rewriting its attachment, so that nobody may have
    one that undo needs. The files of the sources stay with what is remembered of these
    (`crm.lead.merge.source`); the survivor, and the values set aside, get copies, which
    share what is stored. A file of the survivor that another one replaces is set aside
    itself. Files that are computed from another one go with it.
    """

    _inherit = "crm.lead.merge"

    file_values = fields.Json(
        readonly=True,
        help="{id of the lead: {field: {before, after}}}, each the id of an attachment "
        "and its checksum, or nothing.",
    )

    def _move_files(self, survivor, plan):
        """Keep the files of the sources, and give the survivor and the values that were
        set aside theirs.

        :param survivor: the record merged into
        :param plan: what was decided
        """
        planner = self.env["crm.lead.merge.planner"]
        if not planner._get_stored_files():
            return
        before = self._find_files("crm.lead", [survivor.id, *plan.source_ids])
        if not before:
            return
        copies = self._get_files_to_keep(survivor.id, plan, before)
        moves = []
        place_of = {file["id"]: place for place, file in before.items()}
        names = planner._get_file_fields()
        for value in self.value_ids.filtered(lambda value: value.field_name in names):
            lead_id, _name = place_of[value.value]
            targets = moves if lead_id == survivor.id else copies
            for name, kept_as in value._get_file_places().items():
                if file := before.get((lead_id, name)):
                    targets.append((file["id"], value._name, value.id, kept_as))
        holders = {one.source_res_id: one.id for one in self.source_ids}
        moves += [
            (file["id"], HOLDER, holders[lead_id], name)
            for (lead_id, name), file in before.items()
            if lead_id != survivor.id
        ]
        self._give_files(moves)
        for (_id, model, owner_id, name), file in self._copy_files(copies).items():
            if (model, name) == (self.value_ids._name, "file"):
                self.value_ids.browse(owner_id).value = file["id"]
        after = self._find_files("crm.lead", survivor.ids)
        changes = {}
        for lead_id, name in {**before, **after}:
            place = (lead_id, name)
            if before.get(place) != after.get(place):
                image = {"before": before.get(place), "after": after.get(place)}
                changes.setdefault(str(lead_id), {})[name] = image
        self.file_values = changes
        self._forget_files(survivor)

    def _get_files_to_keep(self, survivor_id, plan, before):
        """Return the copies that the survivor gets, see `_copy_files`.

        :param before: see `_find_files`
        """
        planner = self.env["crm.lead.merge.planner"]
        place_of = {file["id"]: place for place, file in before.items()}
        copies = []
        for name in planner._get_file_fields():
            decision = plan.by_field.get(name)
            if not decision or not decision.value:
                continue
            origin_id, _name = place_of[decision.value]
            present, kept = before.get((survivor_id, name)), before[origin_id, name]
            if present and present["checksum"] == kept["checksum"]:
                continue
            for one in planner._get_file_group(name):
                if file := before.get((origin_id, one)):
                    copies.append((file["id"], "crm.lead", survivor_id, one))
        return copies

    # ------------------------------------------------------------
    # Undo
    # ------------------------------------------------------------

    def _is_continued(self):
        """Return whether the survivor took part in a later merge."""
        # sudo: whether or not its result may be read
        return bool(
            self.sudo().search_count(
                [
                    ("id", ">", self.id),
                    ("state", "=", "done"),
                    "|",
                    ("survivor_res_id", "=", self.survivor_res_id),
                    ("source_ids.source_res_id", "=", self.survivor_res_id),
                ],
                limit=1,
            )
        )

    def _find_changed_files(self):
        """List the files that have been changed since, as `_get_conflicts` does."""
        planner = self.env["crm.lead.merge.planner"]
        changes = []
        for merge in self:
            # sudo: ids and checksums alone, whatever the user may read
            values = merge.sudo().file_values or {}
            if not values or merge._is_continued():
                continue  # that one knows what it left
            now = merge._find_files("crm.lead", map(int, values))
            for lead_id, images in values.items():
                for name in images.keys() & {*planner._get_file_fields()}:
                    file = now.get((int(lead_id), name))
                    if file not in images[name].values():
                        place = ("crm_lead", int(lead_id), name)
                        changes.append((*place, images[name]["before"], file))
        return changes

    def _restore_around_inner(self):
        result = super()._restore_around_inner()
        self._restore_files()
        return result

    def _restore_files(self):
        """Give each lead its own file back, unless it has got another one since."""
        values = self.file_values or {}
        if not values:
            return
        now = self._find_files("crm.lead", map(int, values))
        gone, moves = [], []
        for lead_id, by_field in values.items():
            for name, image in by_field.items():
                file = now.get((int(lead_id), name))
                if file == image["before"] or file not in image.values():
                    continue
                if file:
                    gone.append(file["id"])
                if image["before"]:
                    target = ("crm.lead", int(lead_id), name)
                    moves.append((image["before"]["id"], *target))
        # sudo: files of the leads, which the user may change
        self.env["ir.attachment"].sudo().browse(gone).unlink()
        self._give_files(moves)
        self._forget_files(self.env["crm.lead"].browse(map(int, values)))

    # ------------------------------------------------------------
    # Attachments
    # ------------------------------------------------------------

    @api.model
    def _find_files(self, model, owner_ids):
        """Return {(id of the owner, field): {id, checksum}} of files of fields."""
        self.env["ir.attachment"].flush_model()
        # Raw SQL: whose the files are is asked of the leads; and one query.
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT ON (res_id, res_field)
                          res_id, res_field, id, checksum
                     FROM ir_attachment
                    WHERE res_model = %s AND res_id = ANY(%s) AND res_field IS NOT NULL
                    ORDER BY res_id, res_field, id""",
                model,
                list(owner_ids),
            )
        )
        return {
            (owner_id, field): {"id": file_id, "checksum": checksum}
            for owner_id, field, file_id, checksum in rows
        }

    @api.model
    def _give_files(self, targets):
        """Let files belong to other records.

        :param targets: [(id of the attachment, model, id, field), …]
        """
        if not targets:
            return
        # Raw SQL: the file itself stays, only its owner changes, in one query.
        self.env.cr.execute(
            SQL(
                """UPDATE ir_attachment t
                      SET res_model = target.model, res_id = target.owner_id,
                          res_field = target.field
                     FROM (VALUES %s) AS target (id, model, owner_id, field)
                    WHERE target.id = t.id""",
                SQL(", ").join(targets),
            )
        )
        self.env["ir.attachment"].invalidate_model(flush=False)

    @api.model
    def _copy_files(self, targets):
        """Make copies of files for other records.

        :param targets: as of `_give_files`
        :return: {target: {id, checksum} of the copy}
        """
        if not targets:
            return {}
        attachment = self.env["ir.attachment"]
        columns = SQL(", ").join(
            SQL.identifier(name)
            for name, field in attachment._fields.items()
            if field.store and field.column_type and name not in OWNER_COLUMNS
        )
        # Raw SQL: what is stored is shared, and one query, however many there are.
        rows = self.env.execute_query(
            SQL(
                """INSERT INTO ir_attachment (%(columns)s, res_model, res_id, res_field)
                   SELECT %(columns)s, target.model, target.owner_id, target.field
                     FROM (VALUES %(targets)s)
                       AS target (origin_id, model, owner_id, field)
                     JOIN ir_attachment t ON t.id = target.origin_id
                   RETURNING id, checksum, res_model, res_id, res_field""",
                columns=columns,
                targets=SQL(", ").join(targets),
            )
        )
        origins = {target[1:]: target for target in targets}
        return {
            origins[model, owner_id, field]: {"id": file_id, "checksum": checksum}
            for file_id, checksum, model, owner_id, field in rows
        }

    @api.model
    def _forget_files(self, leads):
        """Drop what is cached of files that SQL has moved."""
        names = self.env["crm.lead.merge.planner"]._get_stored_files()
        leads.invalidate_recordset(names, flush=False)


class CrmLeadMergeSource(models.Model):
    """The files of a merged lead, which wait for undo."""

    _inherit = HOLDER

    def _drop_files(self):
        """Delete the files that no undo will give back any more."""
        # sudo: they are no longer anybody's
        files = self.env["ir.attachment"].sudo()
        files.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("res_field", "!=", False),
            ]
        ).unlink()


class CrmLeadMergeValue(models.Model):
    """How files that were set aside get onto the lead after all."""

    _inherit = "crm.lead.merge.value"

    def _get_file_places(self):
        """Return {field of the lead: name under which the file is kept here}."""
        planner = self.env["crm.lead.merge.planner"]
        return {
            name: "file" if name == self.field_name else name
            for name in planner._get_file_group(self.field_name)
        }

    def _swap_files(self, lead, name):
        """Exchange the file of this row for the one of the lead, and note what the
        merge has left there; return the id of the lead's one.

        :param lead: the lead, as the engine has it
        :param str name: the field
        """
        merge = self.merge_id.sudo()  # sudo: written by the engine alone
        there = merge._find_files("crm.lead", lead.ids)
        here = merge._find_files(self._name, self.ids)
        values = dict(merge.file_values or {})
        images = values[str(lead.id)] = dict(values.get(str(lead.id), {}))
        targets = []
        for field, kept_as in self._get_file_places().items():
            present, new = there.get((lead.id, field)), here.get((self.id, kept_as))
            if present:
                targets.append((present["id"], self._name, self.id, kept_as))
            if new:
                targets.append((new["id"], lead._name, lead.id, field))
            image = images.get(field, {"before": present, "after": present})
            if image["after"] == present:
                images[field] = {**image, "after": new}
        merge._give_files(targets)
        merge.file_values = values
        merge._forget_files(lead)
        self.invalidate_recordset(["file"], flush=False)
        present = there.get((lead.id, name))
        return present and present["id"]


class CrmLeadMergePlanner(models.AbstractModel):
    """Which fields hold files, and which file is kept."""

    _inherit = "crm.lead.merge.planner"

    @api.model
    @tools.ormcache()
    def _get_stored_files(self):
        """The fields whose values are attachments, also what is computed."""
        return tuple(
            name
            for name, field in self.env["crm.lead"]._fields.items()
            if field.store and field.type == "binary" and field.attachment
        )

    @api.model
    @tools.ormcache()
    def _get_file_fields(self):
        """Those of them that people fill."""
        fields_of_lead = self.env["crm.lead"]._fields
        return tuple(
            name
            for name in self._get_stored_files()
            if not (fields_of_lead[name].compute and fields_of_lead[name].readonly)
        )

    @api.model
    def _get_file_group(self, name):
        """Return the field, and those with files that are computed from it, such as an
        image in other sizes."""
        registry = self.env.registry
        dependent = registry.get_dependent_fields(self.env["crm.lead"]._fields[name])
        computed = {*self._get_stored_files()} - {*self._get_file_fields()}
        names = [one.name for one in dependent if one.model_name == "crm.lead"]
        return [name, *(one for one in names if one in computed)]

    @api.model
    def _find_files(self, leads):
        """Return {(lead id, field): {id, checksum}} of the files of the leads."""
        if not self._get_stored_files():
            return {}
        return self.env["crm.lead.merge"]._find_files(leads._name, leads.ids)

    @api.model
    def _decide_files(self, leads, options):
        """Decide the fields whose values are attachments; the value is the id of one.
        Two files that are equal are one value."""
        names = self._get_file_fields()
        found = self._find_files(leads)
        checksums = {file["id"]: file["checksum"] for file in found.values()}
        return {
            name: decide_field(
                name,
                {lead.id: found.get((lead.id, name), {}).get("id") for lead in leads},
                checksums.get,
                options.chosen.get(name),
            )
            for name in names
            if any((lead.id, name) in found for lead in leads)
        }
