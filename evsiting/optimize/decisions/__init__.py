"""Questions about a plan, each answered by studies with more rows in table ``limits``."""
