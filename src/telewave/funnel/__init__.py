"""Funnel: what a contact does, step by step, learnt from the operator's own contacts and orders."""
