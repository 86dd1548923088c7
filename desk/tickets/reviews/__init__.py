"""What residents say of how their matter was handled (回访、好差评), and what follows from it."""
