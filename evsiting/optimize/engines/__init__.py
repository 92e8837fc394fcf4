"""Solvers behind one protocol, and what makes their answers exact: scaling, bounds, integer repair."""
