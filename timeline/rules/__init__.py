"""Plain definitions of the timeline: staging relations, the limits of a fact, the SQL of recording."""
