"""Abbreviations of administrative writing, a table a field: written form to spoken form. Case matters."""
