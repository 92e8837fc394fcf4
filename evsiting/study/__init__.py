"""What the world is: tables with units and sources, settings, checks, reading and writing."""
