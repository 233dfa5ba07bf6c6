"""The plan: options and their values for each subscriber, channels, waves by day, forecast, and why somebody is in or
out.
"""
