"""Where tickets are handled when it is not here: the city's platform, behind one protocol."""
