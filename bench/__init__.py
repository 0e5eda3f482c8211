"""Measurements of the product. Nothing of the product imports them."""
