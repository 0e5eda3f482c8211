"""What precomputed figures are held against, over the product's own settings and middleware.

`/bench/empty/` is an authenticated view with nothing in it: what any view costs at least.
`/bench/on-request/…` answers the same questions as the manager endpoints by working everything out
from the raw tables (`analytics.engine`), as a product without a refresh would.
"""
