"""The control API: what the control plane asks of the data plane."""
