"""The whole configuration as one YAML file: written out, read with the line of everything, compared, and applied."""
