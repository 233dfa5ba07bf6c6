"""How a schema says that older files lack columns of it, or hold them as another type."""

EVOLVED = b"telewave.evolved"
"""A key of its metadata."""
