"""Records of a laboratory, without logic: devices, laboratories, events, links, runs."""
