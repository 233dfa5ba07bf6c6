"""Records: what comes in. A contract a table, ingest through a mapping file, quarantine for what is refused."""
