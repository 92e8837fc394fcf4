"""Large programs: priced over all lanes, decided over a few."""
