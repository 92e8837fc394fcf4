"""From what a user wrote to canonical values: headers, cells, units, points, names of places."""
