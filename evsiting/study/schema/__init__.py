"""The data dictionary: every table and column, by topic."""
