"""All SQL: SQLAlchemy Core and Alembic, one file a noun. Only app.desk and app.main come here."""
