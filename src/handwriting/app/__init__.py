"""The web application: draw, upload or photograph handwriting, correct it, download it."""
