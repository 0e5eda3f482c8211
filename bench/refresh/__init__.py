"""What precomputed figures cost to keep, and what they cost to read.

    refresh    a full recomputation against the minute refresh, by the share of the learners that
               have sent pulses since, and by the length of their history
    reading    the manager endpoints over HTTP, against a view with nothing in it and against the
               same questions worked out on request (`bench.on_request`)

All of it on one durable PostgreSQL that is made and filled for the run and removed after it. Run
with `make bench-refresh SIZE=100k`, or `python -m bench.refresh --help`.
"""
