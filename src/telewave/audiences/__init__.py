"""Audiences: rules over features, tags and events; saved in versions, counted, frozen as of a date."""
