"""The programs ``dev/lint`` runs, and what each of them is told."""
