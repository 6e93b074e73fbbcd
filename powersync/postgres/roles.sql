-- Runs once, by psql as the superuser, when the volume is empty. Three roles, each of which reaches
-- what it needs: none is a superuser, none may make roles or databases.
\getenv app_password SEALBOOK_DB_PASSWORD
\getenv source_password POWERSYNC_SOURCE_PASSWORD
\getenv storage_password POWERSYNC_STORAGE_PASSWORD

-- Owns the app's database: the server migrates it.
CREATE ROLE sealbook_app LOGIN PASSWORD :'app_password';
-- Reads the replication slot. The server gives it the published tables, and no other.
CREATE ROLE powersync_source LOGIN REPLICATION PASSWORD :'source_password';
-- Owns PowerSync's own database.
CREATE ROLE powersync_storage LOGIN PASSWORD :'storage_password';

CREATE DATABASE sealbook OWNER sealbook_app;
CREATE DATABASE powersync_storage OWNER powersync_storage;

-- By default everyone may connect to every database.
REVOKE ALL ON DATABASE postgres, template1, sealbook, powersync_storage FROM PUBLIC;
GRANT CONNECT ON DATABASE sealbook TO powersync_source;
