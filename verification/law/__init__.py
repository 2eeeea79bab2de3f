"""Law as dated data: who may certify, and which texts give a certified copy its value."""
