"""From the text of a report to proposals: what it says, of whom, told by whom, and exactly where.

`rules.extract` reads a text by rules: offline, with no model, the same result every time.
"""
