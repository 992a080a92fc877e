"""The one error of the lab."""


class LabError(Exception):
    """Something the person who typed the command can act on; the message is one sentence with the remedy."""
