"""What programs may read of the results."""
