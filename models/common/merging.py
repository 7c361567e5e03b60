"""A merge that is being carried out, as core's hooks see it."""

#: Context key: a merge is being carried out, and what core would move has been moved
#: already. It holds no merge, but a recordset, which no RPC client can send.
MERGING = "crm_lead_merge_running"
