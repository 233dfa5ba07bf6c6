"""Features: the catalogue of what is known of a subscriber, its daily partials, and the wide table made of them."""
