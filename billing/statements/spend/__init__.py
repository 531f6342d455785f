"""What a workspace spent: by project and batch, annotator, question and kind of answer; and what is still to come."""
