"""From samples to the result: percentiles and ratios, the file, the table, the picture."""
