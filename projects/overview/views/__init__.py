"""The pages of a workspace, of a project and its items, and the progress of a batch."""
