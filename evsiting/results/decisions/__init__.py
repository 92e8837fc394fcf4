"""Answers to questions about a plan: other sets of sites, what a forced decision costs, where the answer flips."""
