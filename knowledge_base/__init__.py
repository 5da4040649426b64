"""What the business knows: vetted replies, phrases, market profiles and policies as files with a schema, and the search over them."""
