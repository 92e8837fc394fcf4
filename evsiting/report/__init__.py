"""What people see: maps, charts, the HTML report, workbook, GeoPackage. Draws results, never solves."""
