"""What a plan remembers of the solve that found it."""
