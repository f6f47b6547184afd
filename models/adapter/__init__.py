"""The recipe of the encoder's adapter (see ../README.md); not part of the wheel."""
