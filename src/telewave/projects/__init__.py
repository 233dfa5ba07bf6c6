"""Projects: the campaign as work to be done: action plan, Gantt picture, readiness, risks, budget, what was
reported.
"""
