"""Plain arithmetic of the connection: callback crypto, bodies, blocks."""
