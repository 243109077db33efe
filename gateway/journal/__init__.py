"""The journal: what the gateway read, meant to send and told, in files that outlive it.

Written by `gateway._fast.journal.writer`; opened, looked after and read here.
"""
