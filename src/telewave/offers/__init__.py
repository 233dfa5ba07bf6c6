"""What is offered: policies as data, their cash flows to the month, and what is inconsistent between them."""
