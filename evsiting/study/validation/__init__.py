"""Validation: checks of each table and across tables, by topic."""
