"""Faults of release directories on a real machine: real directories, real processes of the sample application."""
