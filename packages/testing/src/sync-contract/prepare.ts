import pg from 'pg'
import { grantPublishedTables } from '@sealbook/server'
import { prepareSource } from './source.ts'

/**
 * Prepares the database that `DATABASE_URL` names for an outside engine. `SYNC_ROLE` is the engine's
 * own role, if it does not connect as the owner of the tables: it may read what is published.
 */
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'] })
await prepareSource(pool)
const role = process.env['SYNC_ROLE']
if (role) await grantPublishedTables(pool, role)
await pool.end()
