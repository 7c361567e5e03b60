"""Records are offered: to be merged, to be merged into, to be compared. Wherever that
happens, won and lost stand beside their names."""

#: Context key: the name of a record says as well whether it is won or lost.
SHOW_OUTCOME = "show_lead_outcome"
#: Context of each field that offers records, in whatever view it stands.
OFFERED = {SHOW_OUTCOME: True}
