"""Values of ops in exact arithmetic: functions of mpmath numbers and of arrays of them. The rows name them."""
