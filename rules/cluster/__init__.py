"""KA2: nodes of one cluster that will not agree."""
