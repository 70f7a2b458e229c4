"""Speed, as ratios to what the machine itself can do, taken in the same run. See docs/performance.md."""
