"""The published streams as tables of a PostgreSQL database: settings, tables, and the job that fills them."""
