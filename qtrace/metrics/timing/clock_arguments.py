"""What figures of two clocks take: what tags indicate, and what calibrations say of the devices.

Inside: the arguments and the roles of the devices that bring them.
"""

from __future__ import annotations

from qtrace.metrics.metric import ArgumentSource, MetricArgument

CALIBRATION, TAGS = ArgumentSource.CALIBRATION, ArgumentSource.TAGS
FIBRE, STATIONS, TAGGER_A, CLOCK_A = "fibre", "stations", "tagger_a", "clock_a"

INDICATED = MetricArgument("indicated_offset", "time_scale_difference", TAGS)
ROUND_TRIP = MetricArgument("round_trip_delay", "time_interval", TAGS)
PATH = MetricArgument("path_delay", "path_delay", CALIBRATION, FIBRE)
ASYMMETRY = MetricArgument("delay_asymmetry", "delay_asymmetry", CALIBRATION, FIBRE, 0.0)
LOCAL = MetricArgument("local_delay_difference", "local_delay_difference", CALIBRATION, STATIONS, 0)
TIME_BASE = MetricArgument("time_base_frequency", "time_base_frequency", CALIBRATION, TAGGER_A, 0.0)
REFERENCE = MetricArgument("offset_from_utc_a", "offset_from_utc", CALIBRATION, CLOCK_A)
