"""The compiled programs of the benchmarks, and how they are built."""
