"""Scheduling: on which day and at which hour each contact is made, how far apart
touches are, and what moves when plans change. Pure.
"""
