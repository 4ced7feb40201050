"""What every network is compared with: the most common label, and linear models."""
