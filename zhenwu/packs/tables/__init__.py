"""The app of the tables that packs declare. It has no migrations: packs are planned and applied (../apply.py)."""
