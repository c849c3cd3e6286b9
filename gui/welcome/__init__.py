"""The first page: choose a repository, or see the demo."""
