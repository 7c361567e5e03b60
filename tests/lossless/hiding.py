"""Where the id of a lead hides: tables that are divided."""


def divide(env, table, column, schema):
    """Divide a table by a column, as the keeper of a database does, with half of it in
    another schema. What points to its rows does so without a foreign key from then on,
    as before PostgreSQL 12."""
    for statement in (
        f"ALTER TABLE {table} RENAME TO undivided",
        f"""CREATE TABLE {table} (LIKE undivided INCLUDING DEFAULTS)
            PARTITION BY HASH ({column})""",
        f"""CREATE TABLE {table}_0 PARTITION OF {table}
            FOR VALUES WITH (MODULUS 2, REMAINDER 0)""",
        f"""CREATE TABLE {schema}.{table} PARTITION OF {table}
            FOR VALUES WITH (MODULUS 2, REMAINDER 1)""",
        f"INSERT INTO {table} SELECT * FROM undivided",
        f"ALTER SEQUENCE IF EXISTS {table}_id_seq OWNED BY NONE",
        "DROP TABLE undivided CASCADE",
    ):
        env.cr.execute(statement)
