"""Many solves that do not depend on each other: one after another or at once, kept as they are found."""
