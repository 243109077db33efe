"""No Python-visible names: other modules of the data plane cimport it."""
