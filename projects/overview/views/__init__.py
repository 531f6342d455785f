"""The pages: a workspace's, a project's, a batch's progress, a project's items."""
