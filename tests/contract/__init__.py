"""What the site relies on Stripe to do: scenarios for the emulator and, with a test key, for Stripe itself.

STRIPE_TEST_KEY (sk_test_… only) runs them against Stripe; STRIPE_TEST_DESTINATION names a connected account of that key
that can receive transfers. Without a key the last lines of the run say that Stripe itself was never asked.
"""
