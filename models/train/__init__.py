"""The recipe behind `models/translate-pl_en-*.argosmodel`: prepare, encode, train, export, evaluate (README.md)."""
