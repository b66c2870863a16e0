"""One module per verb: register, calibrate, trace, use, recompute, assess, certify, audit."""
