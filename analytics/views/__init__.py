"""The manager endpoints: scope in, precomputed rows out, each with its age."""
