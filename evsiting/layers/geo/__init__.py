"""Geodata: frames, points, polygons and rasters, and distances on the ground."""
