"""Labor: wages, areas with their people, commuting sheds and labor pools."""
