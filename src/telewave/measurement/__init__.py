"""Measurement: what a launched campaign really earned, by its own control group."""
