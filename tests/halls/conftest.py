"""A hall's desk on a home with a launched plan."""

from tests.contacts.test_handing_out import keys, warehouse

__all__ = ["keys", "warehouse"]
