"""The JavaScript worker: data files for `stockade`, found through this package."""
