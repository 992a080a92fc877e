"""The lab: real servers and named fakes on this machine, as ordinary processes on loopback.

`python -m lab up` starts it, `down` removes it, `status` says honestly what answers. Each server is a *part*
(lab/parts/); what is common to all of them (where the state lives, processes, the three commands) stands beside.
"""
