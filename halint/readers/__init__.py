"""From a source to its lossless tree: one module a format, over the compiled patterns."""
