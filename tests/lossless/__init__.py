"""Random leads with everything that can hang on them, merged, worked on, and undone.

`custom` adds fields of every type, and what addons make by SQL; `world` lays down what
is shared; `cases` invents leads, what hangs on them (`related`, `hiding`), and what
people do between merge and undo (`later`, `later_schema`); `database` reads and
compares all rows of all tables; `oracle` says what undo has to make of them, from three
images of each value; `proof` merges, looks for every value, undoes and compares. The
property-based test and the benchmark ``lossless`` both run `proof`.
"""
