"""Write the table for the Java tests."""

from support.foreign.document import PATH, text

PATH.write_text(text())
