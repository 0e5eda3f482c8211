"""The packages for browsers, and what builds and checks them.

Node.js comes with the requirements for development; nobody who only runs the product needs it.
"""
