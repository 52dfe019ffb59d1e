"""The server API, one module per group of endpoints. Each names its functions by path in `ROUTES`."""
