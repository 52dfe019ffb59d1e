"""What programs ask of compliance."""
