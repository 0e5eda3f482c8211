"""A private PostgreSQL and Valkey for a machine that has neither.

Both come as binaries in the locked requirements and run only for this checkout: data under one
`home` directory, unix sockets in a directory that nobody else may enter, no TCP port.

Run by hand with `python -m config.embedded start|stop|status|remove [--test]`.
"""
