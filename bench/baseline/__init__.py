"""The write path as the source design draws it, in plain Django: what the product is held against.

Step 4 is one transaction of `get_or_create` and `F()` increments, step 5 a function
`check_completion` of plain queries. There is no ledger of pulses, so a repeated pulse counts again;
no coverage; no sessions that late pulses could join. It does less than the product, not the same
thing slowly, and nothing in it is slow on purpose.

Settings, middleware and parsers are those of a new Django project, whatever becomes of the
product's; the database, its pool and the people and catalogue in it are the product's.
"""
