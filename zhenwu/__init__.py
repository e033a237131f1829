"""Zhenwu (镇务通): runs a township's year, from the plan document to a report whose every figure opens to its rows."""

__version__ = "0.1.0"
