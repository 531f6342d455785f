"""The record of a workspace: how fast and how it decides on answers, as the market's listing shows it."""
