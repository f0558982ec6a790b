"""Backends written in Python: the three verbs of the seam (kinship, eigendecomposition, scan) on other devices.

Nothing is imported here, so that a package without JAX pays nothing: `jamma.backends.jax` is imported when it is
chosen.
"""
