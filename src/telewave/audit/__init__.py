"""Who did what, when: a log that is only added to, chained by hash, with anchors outside the database."""
