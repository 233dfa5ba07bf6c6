"""Forecasting: how many takers each day and month will bring, with intervals. Pure."""
