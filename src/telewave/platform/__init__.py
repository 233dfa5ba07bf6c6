"""Platform: what every capability stands on and none is about: engine, database, languages, settings, progress."""
