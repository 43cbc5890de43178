"""One file for each way of showing something."""
