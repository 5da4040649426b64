"""How fast the service is, measured over HTTP and by the processor time of its own processes; timings tell of one machine on one day."""
