"""The HTTP API and the pages, over one session: who may ask what, and what is told to whom. Needs the extra `serve`."""
