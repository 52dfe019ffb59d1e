"""The demo brand 悦肤: an invented skin-care brand with members, stores and eighteen months of life."""
