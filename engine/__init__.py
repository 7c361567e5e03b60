"""Plain Python that decides: values in, plans out. Nothing here imports the ORM."""
