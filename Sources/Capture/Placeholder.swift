// grows in the next commits
