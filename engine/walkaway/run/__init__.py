"""Live events: from a source through the decisions to the sinks, nothing lost and nothing counted twice."""
