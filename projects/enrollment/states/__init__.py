"""How people change the state of an enrollment: a member pauses or ends it, its annotator leaves or comes back."""
