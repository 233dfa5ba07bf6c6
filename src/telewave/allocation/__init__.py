"""Who gets which option, for millions at once: the most valuable choice under limits on
capacities, stocks and budgets, with a proven bound.
"""
