"""Search over essays, original comments, definitions and replies.

Why not a library: what readers may see is decided in the same SQL, and French word forms
find each other alike on both databases.

A document is one paragraph, one original comment, or the published version of one post. Only
what everybody may read has one: it comes and goes in the transaction of the verb.
"""
