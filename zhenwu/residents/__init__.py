"""What happens to persons and households: events and their effects, doubles, the register, and their pages."""
