"""Recorded video sessions in: statements of the xAPI Video Profile 1.0 become pulses.

A statement says which stretches of a video were played so far in its viewing session. What a
session adds to a learner's time is therefore the largest total that any of its statements reports,
rounded to whole seconds, replays counted. Each statement becomes one pulse; in the order of their
timestamps, each carries what it adds to the session's total so far.

The id of a pulse follows from the id of its statement, and each pulse keeps its viewing session in
the ledger. So the numbers are the same whatever the order of the statements, however often they
come, and when one session is spread over several files.
"""
