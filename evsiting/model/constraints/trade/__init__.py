"""Duties and rules of origin as decisions and constraints."""
