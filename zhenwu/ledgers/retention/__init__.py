"""Rows at the end of their retention: what is due, who decides, what is destroyed, and what keeps it from being destroyed."""
