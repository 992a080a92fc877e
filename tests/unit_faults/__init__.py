"""Faults of several components as one unit: the cases, where they take place, who judges them, and what is judged."""
