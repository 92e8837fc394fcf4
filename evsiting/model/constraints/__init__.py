"""Constraints of the program, one module a topic; each function's docstring is the definition of its constraints."""
