"""Backends written in Python: kinship, eigendecomposition and tests of SNPs on other devices.

Nothing is imported here, because JAX may not be installed: `jamma.backends.jax` is imported when it is selected.
"""
