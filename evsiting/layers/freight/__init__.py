"""Freight: distances, rates and modes, and the table ``lanes`` that they make."""
