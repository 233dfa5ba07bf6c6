"""Halls: willing customers on the list of the hall they chose, called a second time, known when they come."""
