"""Studies as XLSX workbooks."""
