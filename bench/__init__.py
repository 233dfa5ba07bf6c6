"""Measurements of speed, memory and quality; ratios within one run. Not tests."""
