"""Rosters in: read → map headers → normalise → compare → show → apply as one change. Never half an import."""
