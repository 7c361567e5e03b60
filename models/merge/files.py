"""The files that are values of a lead's fields, such as images: whose they were.

How it works: a file is written by rewriting its attachment, so that nobody may have one
that undo needs. The files of the sources stay with what is remembered of these
(`crm.lead.merge.source`); the survivor, and the values set aside, get copies, which
share what is stored. A file of the survivor that another one replaces is set aside
itself. Files that are computed from another one go with it.
"""

from odoo.tools import SQL

#: The model that holds the files of a merged lead until undo.
HOLDER = "crm.lead.merge.source"
#: The columns of an attachment that say whose it is: all others are the file.
OWNER_COLUMNS = ("id", "res_model", "res_id", "res_field", "access_token")


class MergedFiles:
    """The files of the leads of one merge.

    :param merge: the merge, as the engine has it
    """

    def __init__(self, merge):
        self.env = merge.env
        self.merge = merge
        self.fields = self.env["crm.lead.merge.fields"]

    # ------------------------------------------------------------
    # Merging
    # ------------------------------------------------------------

    def move(self, survivor, plan):
        """Keep the files of the sources, and give the survivor and the values that were
        set aside theirs.

        :param survivor: the record merged into
        :param plan: what was decided
        """
        if not self.fields._get_stored_files():
            return
        merge = self.merge
        before = find_files(survivor.browse([survivor.id, *plan.source_ids]))
        if not before:
            return
        copies = self._get_files_to_keep(survivor.id, plan, before)
        moves = []
        place_of = {file["id"]: place for place, file in before.items()}
        names = self.fields._get_file_fields()
        for value in merge.value_ids.filtered(lambda value: value.field_name in names):
            lead_id, _name = place_of[value.value]
            targets = moves if lead_id == survivor.id else copies
            for name, kept_as in self._get_places(value.field_name).items():
                if file := before.get((lead_id, name)):
                    targets.append((file["id"], value._name, value.id, kept_as))
        holders = {source.source_res_id: source.id for source in merge.source_ids}
        moves += [
            (file["id"], HOLDER, holders[lead_id], name)
            for (lead_id, name), file in before.items()
            if lead_id != survivor.id
        ]
        self._give(moves)
        for (_id, model, owner_id, name), file in self._copy(copies).items():
            if (model, name) == (merge.value_ids._name, "file"):
                merge.value_ids.browse(owner_id).value = file["id"]
        merge.file_values = self._get_changes(before, find_files(survivor))
        self._forget(survivor)

    def _get_files_to_keep(self, survivor_id, plan, before):
        """Return the copies that the survivor gets, see `_copy`.

        :param before: see `find_files`
        """
        place_of = {file["id"]: place for place, file in before.items()}
        copies = []
        for name in self.fields._get_file_fields():
            decision = plan.by_field.get(name)
            if not decision or not decision.value:
                continue
            origin_id, _name = place_of[decision.value]
            present, kept = before.get((survivor_id, name)), before[origin_id, name]
            if present and present["checksum"] == kept["checksum"]:
                continue
            for file_field in self.fields._get_file_group(name):
                if file := before.get((origin_id, file_field)):
                    copies.append((file["id"], "crm.lead", survivor_id, file_field))
        return copies

    def _get_changes(self, before, after):
        """Return the files that are other ones now, as ``file_values`` keeps them.

        :param before, after: see `find_files`
        """
        changes = {}
        for lead_id, name in {**before, **after}:
            place = (lead_id, name)
            if before.get(place) != after.get(place):
                image = {"before": before.get(place), "after": after.get(place)}
                changes.setdefault(str(lead_id), {})[name] = image
        return changes

    def _get_places(self, field_name):
        """Return {field of the lead: name under which a value that was set aside keeps
        its file}."""
        return {
            name: "file" if name == field_name else name
            for name in self.fields._get_file_group(field_name)
        }

    # ------------------------------------------------------------
    # Taking a file that was set aside
    # ------------------------------------------------------------

    def swap(self, value, lead, name):
        """Exchange the file of a value that was set aside for the one of the lead, and
        note what the merge has left there; return the id of the lead's one.

        :param value: the `crm.lead.merge.value`
        :param lead: the lead, as the engine has it
        :param str name: the field
        """
        there, here = find_files(lead), find_files(value)
        values = dict(self.merge.file_values or {})
        images = values[str(lead.id)] = dict(values.get(str(lead.id), {}))
        targets = []
        for field, kept_as in self._get_places(value.field_name).items():
            present, new = there.get((lead.id, field)), here.get((value.id, kept_as))
            if present:
                targets.append((present["id"], value._name, value.id, kept_as))
            if new:
                targets.append((new["id"], lead._name, lead.id, field))
            image = images.get(field, {"before": present, "after": present})
            if image["after"] == present:
                images[field] = {**image, "after": new}
        self._give(targets)
        self.merge.file_values = values
        self._forget(lead)
        value.invalidate_recordset(["file"], flush=False)
        present = there.get((lead.id, name))
        return present and present["id"]

    # ------------------------------------------------------------
    # Undo
    # ------------------------------------------------------------

    def find_changed(self):
        """List the files that have been changed since, as `_get_conflicts` does."""
        values = self.merge.file_values or {}
        if not values or self._is_continued():
            return []  # that one knows what it left
        now = self._find_present(values)
        names = {*self.fields._get_file_fields()}
        return [
            ("crm_lead", int(lead_id), name, images[name]["before"], file)
            for lead_id, images in values.items()
            for name in images.keys() & names
            if (file := now.get((int(lead_id), name))) not in images[name].values()
        ]

    def _is_continued(self):
        """Return whether the survivor took part in a later merge."""
        merge = self.merge
        return bool(
            merge.search_count(
                [
                    ("id", ">", merge.id),
                    ("state", "=", "done"),
                    "|",
                    ("survivor_res_id", "=", merge.survivor_res_id),
                    ("source_ids.source_res_id", "=", merge.survivor_res_id),
                ],
                limit=1,
            )
        )

    def restore(self):
        """Give each lead its own file back, unless it has got another one since."""
        values = self.merge.file_values or {}
        if not values:
            return
        now = self._find_present(values)
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
        self._give(moves)
        self._forget(self.env["crm.lead"].browse(map(int, values)))

    def _find_present(self, values):
        """Return the files of the leads in ``file_values``, see `find_files`."""
        return find_files(self.env["crm.lead"].browse(map(int, values)))

    # ------------------------------------------------------------
    # Attachments
    # ------------------------------------------------------------

    def _give(self, targets):
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

    def _copy(self, targets):
        """Make copies of files for other records.

        :param targets: as of `_give`
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

    def _forget(self, leads):
        """Drop what is cached of files that SQL has moved."""
        leads.invalidate_recordset(self.fields._get_stored_files(), flush=False)


def find_files(records):
    """Return {(id of the record, field): {id, checksum}} of the files of fields."""
    env = records.env
    env["ir.attachment"].flush_model()
    # Raw SQL: whose the files are is asked of the records; and one query.
    rows = env.execute_query(
        SQL(
            """SELECT DISTINCT ON (res_id, res_field)
                      res_id, res_field, id, checksum
                 FROM ir_attachment
                WHERE res_model = %s AND res_id = ANY(%s) AND res_field IS NOT NULL
                ORDER BY res_id, res_field, id""",
            records._name,
            records.ids,
        )
    )
    return {
        (owner_id, field): {"id": file_id, "checksum": checksum}
        for owner_id, field, file_id, checksum in rows
    }
