"""What follows from a study's tables: duties by period, trajectories, scenarios, conditions of programs."""
