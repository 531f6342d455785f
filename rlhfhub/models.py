"""The site has no tables. Without this module its app would not receive post_migrate."""
