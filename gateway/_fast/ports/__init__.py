"""The ports of the data plane, recorders of them for tests, and the calls to libzmq."""
