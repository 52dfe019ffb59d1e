"""Every write of the connection to WeCom, one use case each."""
