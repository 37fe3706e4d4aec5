"""The schema that all of ours are made of: what is not described is an error, in what is taken and in what is sent."""

import marshmallow as ma


class StrictSchema(ma.Schema):
    """Knows exactly its own fields."""

    class Meta:
        """Anything else is an error."""

        unknown = ma.RAISE
