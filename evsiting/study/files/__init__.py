"""Studies as files: reading, writing and the starter study."""
