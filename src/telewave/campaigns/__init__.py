"""The campaign as a project: action plan, budget, risks, changes; draft, review, approval by a second person, launch."""
