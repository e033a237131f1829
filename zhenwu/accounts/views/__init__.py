"""Pages of the administrators. For others they do not exist: 404."""
