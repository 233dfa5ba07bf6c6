"""The terminal of the commands `telewave campaign`."""

from tests.campaign_desk import desk

__all__ = ["desk"]
