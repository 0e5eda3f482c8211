"""What managers read, scoped to their learners.

Every read goes to the contract views and takes one statement, so that its parts belong to one
refresh; nothing is aggregated in Python.
"""

from analytics.queries.standing import Scope, read_freshness
from analytics.queries.teams import team_summary

__all__ = ["Scope", "read_freshness", "team_summary"]
