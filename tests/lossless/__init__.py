"""Random leads with everything that can hang on them, merged and undone.

`world` lays down what is shared, custom fields of every type among it; `cases` invents
leads and what hangs on them; `database` compares all rows of all tables; `proof`
merges, looks for every value, undoes and compares. The property-based test and the
benchmark ``lossless`` both run `proof`.
"""
