"""The command line: click commands over the library's public names."""
