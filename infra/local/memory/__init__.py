"""Long movements of the clock played over memory: the emulators answer in milliseconds, often."""
