"""The journal of the data plane: written on the hot path, scanned and recovered from at the start."""
