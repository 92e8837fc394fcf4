"""Solve studies too large to be solved in full: over groups of places, with a bound that holds for all of them."""
