"""Solving: engines, strategies and trade-offs."""
