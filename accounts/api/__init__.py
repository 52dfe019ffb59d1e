"""Keys of programs, and what a program may know of its own."""
