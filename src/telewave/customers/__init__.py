"""Customers: who subscribers are, base classes and their penetration."""
