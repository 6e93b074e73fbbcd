import pg from 'pg'
import { prepareSource } from './source.ts'

/** Prepares the database that `DATABASE_URL` names for an outside engine. */
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'] })
await prepareSource(pool)
await pool.end()
