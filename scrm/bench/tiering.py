def full(options): return []
def tick(options): return []
