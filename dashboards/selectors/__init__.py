"""Named reads behind the pages: set-based SQL, aggregated before it leaves the database."""
