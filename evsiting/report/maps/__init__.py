"""The static map of a plan."""
