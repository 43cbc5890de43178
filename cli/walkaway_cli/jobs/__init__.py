"""Long work for `walkaway serve`: each job is a process of its own."""
