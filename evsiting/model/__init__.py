"""The mathematical program on arrays: index sets, constraints and objectives. Knows no solver."""
