import json

from odoo.tools import format_date, format_datetime, human_size

from ...engine.limits import SHOWN, TEXT, shorten
from ..common.typed_text import to_plain_text


class Display:
    """How values of a lead are shown to people.

    :param env: of who reads them
    """

    def __init__(self, env):
        self.env = env

    def display(self, field_name, lead, value, beside=None):
        """Return `value` as it is shown to people, see `to_text`."""
        text = self.to_text(field_name, lead, value, beside)
        return self.shorten(field_name, text)

    def shorten(self, field_name, text):
        """Return no more of a text than anybody reads of such a field."""
        field = self.env["crm.lead"]._fields.get(field_name)
        is_line = field is not None and field.type not in ("text", "html")
        return shorten(text or "", SHOWN if is_line else TEXT)

    def to_text(self, field_name, lead, value, beside=None):
        """Return `value` as people read it, to its end.

        :param str field_name: name of the field, or ``lead_properties.<property>``
        :param lead: the lead that says it
        :param value: in the form in which it is written; a value with a unit, which was
            set aside: {field: value}
        :param beside: {field: value} of the units, where they are not the lead's own
        """
        if said := self.env["crm.lead.merge.fields"]._get_said(field_name, value):
            texts = [self.to_text(name, lead, value[name], value) for name in said]
            return ", ".join(texts)
        field = lead._fields.get(field_name)
        if field is None:
            return self._display_property(field_name, lead, value, beside or {})
        if isinstance(value, dict) and (field.translate or field.company_dependent):
            part = self.env.company.id if field.company_dependent else self.env.lang
            if field.company_dependent and not value.get(str(part)):
                return self.env._("Of another company")
            value = value.get(str(part)) or next(iter(value.values()))
        return self._display_field(field, lead, value, beside or {})

    def _display_field(self, field, lead, value, beside):
        """As `to_text`, of one value of a field."""
        displays = {
            "binary": lambda: self.display_file(field, value),
            "date": lambda: format_date(self.env, value),
            "datetime": lambda: format_datetime(self.env, value),
            "html": lambda: to_plain_text(value),
            "json": lambda: self.display_json(value),
            "many2many": lambda: self._display_records(field, value),
            "many2one": lambda: self._display_records(field, value),
            "many2one_reference": lambda: self._display_reference(
                field, lead, value, beside
            ),
            "monetary": lambda: self._display_amount(
                field.get_currency_field(lead), lead, value, beside
            ),
            "reference": lambda: self._display_reference(field, lead, value, beside),
            "selection": lambda: dict(field._description_selection(self.env)).get(
                value, value
            ),
        }
        return displays.get(field.type, lambda: str(value))()

    def display_file(self, field, value):
        """Return the name of a file; where nobody named it, its kind and size.

        :param value: the id of an attachment, or its id and checksum; of a field that
            is stored in its column, the file
        """
        file_id = value["id"] if isinstance(value, dict) else value
        # sudo: the name of a file that is a value of the lead
        file = self.env["ir.attachment"].sudo().browse(field.attachment and file_id)
        if not file.exists():
            return self.env._("File")
        if file.name and file.name != field.name:
            return file.name
        return self.env._(
            "File (%(kind)s, %(size)s)",
            kind=file.mimetype,
            size=human_size(file.file_size),
        )

    def _display_records(self, field, value):
        # sudo: as core, which shows the name of a value to who may read the record
        records = self.env[field.comodel_name].sudo().browse(value)
        return ", ".join(record.display_name for record in records)

    def _display_amount(self, currency_field, lead, value, beside):
        """Return an amount with the sign of its own currency.

        :param beside: {currency field: id of the currency}, if not the lead's own
        """
        currency = self.env["res.currency"].browse(beside.get(currency_field) or ())
        if currency_field not in beside and currency_field in lead._fields:
            currency = lead[currency_field]
        return currency.format(value) if currency else str(value)

    def _display_reference(self, field, lead, value, beside):
        """Return the name of the record that a reference points to, or its kind and
        number, if the user may not read it."""
        if field.type == "reference":
            model, _comma, res_id = value.partition(",")
        else:
            unit, res_id = field.model_field, value
            model = beside[unit] if unit in beside else lead[unit]
        if model not in self.env:
            return f"{model or ''} {res_id}".strip()
        # not as the superuser: as core, which tells names to who may read the record
        record = self.env[model].sudo(False).browse(int(res_id)).exists()
        kind = self.env["ir.model"]._get(model).name
        return record._filtered_access("read").display_name or f"{kind} {res_id}"

    def display_json(self, value):
        """Return a list as its items, an object as its keys and values; what is deeper
        as JSON writes it."""
        if isinstance(value, list):
            return ", ".join(map(self._display_json_item, value))
        if isinstance(value, dict):
            items = value.items()
            return ", ".join(
                f"{key}: {self._display_json_item(one)}" for key, one in items
            )
        return self._display_json_item(value)

    def _display_json_item(self, value):
        if isinstance(value, str):
            return value
        return json.dumps(value, ensure_ascii=False)

    def _display_property(self, field_name, lead, value, beside):
        """Return the value of a property as people read it."""
        definitions = {
            one["name"]: one for one in lead.team_id.lead_properties_definition or ()
        }
        definition = definitions.get(field_name.partition(".")[2], {})
        if definition.get("type") in ("many2one", "many2many"):
            # not as the superuser: as in core, whoever may write a property could name
            # any record to learn what it is called
            records = self.env[definition["comodel"]].sudo(False).browse(value).exists()
            known = records._filtered_access("read")
            return ", ".join(
                one.display_name if one in known else "…" for one in records
            )
        if definition.get("type") == "monetary":
            currency_field = definition.get("currency_field")
            return self._display_amount(currency_field, lead, value, beside)
        options = {
            option[0]: option[1]
            for option in definition.get(definition.get("type"), ())
        }
        values = value if isinstance(value, list) else [value]
        return ", ".join(str(options.get(one, one)) for one in values)
