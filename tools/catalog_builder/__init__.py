"""Derives the AWS catalogue from published schemas; a development tool, not part of the package."""
