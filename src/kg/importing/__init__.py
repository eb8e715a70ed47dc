"""Foreign tables made seeds, by a map that says what their columns mean: ``kg import``."""
