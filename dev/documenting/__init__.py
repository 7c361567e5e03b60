"""README.rst: what ./dev/readme makes of the fragments in readme/."""
