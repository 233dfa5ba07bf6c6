"""Honest comparison designed beforehand: hash-based holdouts, arms with logged probabilities, sample sizes from
power.
"""
