"""A faithful WeCom on loopback, for the demo and for tests: plain Python, its own SQLite file, no Django.

What it enforces are the numbered rules of the reference (section 3), one module each in `rules`; what the documentation
leaves open are switches (`switches`). Floors, from below: errors, clock, store, crypto, envelope, switches · rules ·
world · acts (what people do) · endpoints (what the API does) · gate (tokens, limits, faults) · delivery · control, pages · server.
"""
