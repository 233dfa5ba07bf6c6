"""Jobs: work that a worker does batch by batch while nobody waits for it, kept as rows of the operations database."""
