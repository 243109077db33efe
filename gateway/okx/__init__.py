"""OKX's rules, pure: endpoints, frames, codes, REST requests, instruments, the session table."""
