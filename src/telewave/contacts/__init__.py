"""Contacts: the one way out of the system for contacts of a launched plan."""
