"""What is used is replaced by what was learnt anew where later contacts say it is better, and a second one agrees."""
