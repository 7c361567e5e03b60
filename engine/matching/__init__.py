"""How alike two leads are: what is compared of them, which pairs are worth comparing,
what each comparison finds, and what the findings add up to."""
