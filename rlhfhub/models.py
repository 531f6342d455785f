"""The site has no tables; with this module it hears post_migrate, after every other app."""
