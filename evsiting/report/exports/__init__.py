"""Files for other programs: workbook and GeoPackage."""
