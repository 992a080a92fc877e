"""The rows of the table, by where the fault lies; tests/faults/table.py puts them together."""
