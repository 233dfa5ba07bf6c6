"""A warehouse and keys, as for halls."""

from tests.contacts.test_handing_out import keys, warehouse

__all__ = ["keys", "warehouse"]
