"""Published examples, evaluated again by this product and compared with their print."""
