"""Fault cases: what can go wrong at every step, judged by an observer that shares no code with plugins/."""
