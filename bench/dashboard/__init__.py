"""What a manager waits for, in Chromium.

    visits     from the navigation to a page that shows its figures and answers a click
    filters    from a choice or a key on the page of learners to the new rows
    polling    what a page that is left alone asks for

As the manager of a team and as an admin over everybody. All of it on one durable PostgreSQL that is
made and filled for the run (`bench.refresh.population`) and removed after it. Run with `make
bench-dashboard SIZE=100k`, or `python -m bench.dashboard --help`.
"""
