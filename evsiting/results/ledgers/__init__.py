"""Ledgers: what a plan costs, emits and employs, line by line."""
