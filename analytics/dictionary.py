"""The data dictionary: what the catalogue says of schema `analytics`, as a document."""

from itertools import groupby

from config.sql import fetch_rows

HEAD = """\
# Data dictionary

Every view of schema `analytics` and every column, from the comments in the database. Made by
`manage.py data_dictionary`; do not edit. How to read with SQL is in
[../sql/README.md](../sql/README.md), what the figures mean in
[TRACKING_CONTRACT.md](TRACKING_CONTRACT.md). Times are UTC.
"""


def data_dictionary() -> str:
    """The document, in Markdown, of the database as it is."""
    rows = fetch_rows("readers/dictionary", {})
    parts = [HEAD]
    for (view, comment), columns in groupby(
        rows, key=lambda row: (row["view_name"], row["view_comment"])
    ):
        lines = [f"## {view}", "", _on_one_line(comment), "", "| column | type | meaning |"]
        lines.append("|---|---|---|")
        lines += [
            f"| `{column['column_name']}` | {column['type_name']} |"
            f" {_on_one_line(column['column_comment']).replace('|', chr(92) + '|')} |"
            for column in columns
        ]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _on_one_line(comment: str) -> str:
    return " ".join(comment.split())
