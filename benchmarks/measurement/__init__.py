"""How it is measured: the subjects, the states of the machine, and the rounds that interleave them."""
