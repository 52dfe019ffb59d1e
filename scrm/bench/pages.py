def measure(options): return []
