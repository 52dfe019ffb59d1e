def measure_goals():
    pass
