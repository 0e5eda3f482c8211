"""The whole product in one terminal: what `make run` executes.

`python -m config.stack` checks the machine, starts the embedded services that no address is given
for, prepares the database and runs web, worker and beat under supervisord until a signal comes.
`python -m config.stack stop` ends a stack from another terminal, and the remains of a killed one.
"""
