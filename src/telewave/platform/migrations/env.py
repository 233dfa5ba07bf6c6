"""Alembic's entry: migrations run on the connection that `Database.migrate` hands over."""

from alembic import context

from telewave.platform.database import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True
)
with context.begin_transaction():
    context.run_migrations()
