"""Targeting: from scores to core, normal and basic target groups, explained in a report."""
