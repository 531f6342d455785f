"""What the installed SDK says about Stripe's requests and responses, as JSON Schemas."""
