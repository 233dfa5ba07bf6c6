"""Upkeep: whether a home is whole, and what helps where it is not."""
