"""Ways between places: great circles, roads with border crossings, the rail graph, sea lanes."""
