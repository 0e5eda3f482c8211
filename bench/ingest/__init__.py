"""How many pulses one machine takes in: the product, a plain ORM baseline, and PostgreSQL alone.

    product    the web process of `make run`, asked over HTTP
    baseline   `bench.baseline` under the same command line, pool and database, asked the same
    ceiling    pgbench calling the SQL function that the product calls, with no Python about

All three work on one durable PostgreSQL that is made for the run and removed after it. They take
turns in rounds, so that what the machine does besides falls on all of them; the figures are medians
over the rounds. Run with `make bench-ingest`, or `python -m bench.ingest --help`.
"""
