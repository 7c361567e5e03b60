"""What the commands in ``dev/`` stand on: a real Odoo 19, made from nothing.

Only Python's standard library is needed to start; everything else is fetched
once and kept in a cache outside the repository (see :mod:`.cache`).
"""
