"""What marks rows of files that name leads which were merged away."""

#: Context key: the `Notes` of a file that is being loaded.
NOTES = "crm_lead_import_notes"
#: What `load` tells about a row besides its place: the lead its ``.id`` names, which
#: was merged away.
MERGED_AWAY = "merged_away_id"


class Number(str):
    """The database id in a cell, of the record that the lead which it names is now.

    :param merged_away_id: id of the lead that it names
    """

    def __new__(cls, survivor_id, merged_away_id):
        number = super().__new__(cls, survivor_id)
        number.merged_away_id = merged_away_id
        return number


class Notes:
    """The messages that `load` returns besides its own. Not a list: of two lists that
    are equal, the environment keeps the first one."""

    def __init__(self):
        self.messages = []


class NestedRow(dict):
    """What a file says about a lead in columns of the record that it belongs to, such
    as ``opportunity_ids/name`` of a customer.

    :param xml_id: the external id by which the file names the lead, or None
    :param merged_away_id: the number of a merged-away lead by which it does, or None
    """

    def __init__(self, values, xml_id, merged_away_id):
        super().__init__(values)
        self.xml_id = xml_id
        self.merged_away_id = merged_away_id
