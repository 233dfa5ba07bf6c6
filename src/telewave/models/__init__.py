"""Models: who will take an offer, validated forward in time, screened for leaks, calibrated and explained."""
