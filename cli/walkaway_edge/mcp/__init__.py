"""The Model Context Protocol for people's hosts: a rep's tools, with a rep's answers. Needs the extra `mcp`."""
