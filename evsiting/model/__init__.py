"""The mathematical program on arrays: index sets, row families and objectives. Knows no solver."""
