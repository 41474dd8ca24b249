"""The studio: where bulletins are written, approved, spoken, booked and followed."""
