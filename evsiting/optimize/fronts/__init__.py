"""Trade-offs between two objectives."""
