"""A fortnight at the desk, simulated from a seed: what do people's decisions make better, and what is noticed on the way?"""
