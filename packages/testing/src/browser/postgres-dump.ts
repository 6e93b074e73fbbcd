import { Client } from 'pg'

/** Every row of every table as text, and how many rows each table of `public` has. */
export interface PostgresDump {
  readonly text: Buffer
  readonly rowsByTable: Readonly<Record<string, number>>
}

/** Reads all tables of all schemas, the sync engine's own included. */
export async function dumpPostgres(databaseUrl: string): Promise<PostgresDump> {
  return withClient(databaseUrl, async (client) => {
    const tables = await client.query<{ schema: string; name: string }>(
      `SELECT schemaname AS schema, tablename AS name FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    )
    const rowsByTable: Record<string, number> = {}
    const parts: string[] = []
    for (const { schema, name } of tables.rows) {
      const { rows } = await client.query<{ row: string }>(
        `SELECT t::text AS row FROM "${schema}"."${name}" AS t`,
      )
      if (schema === 'public') rowsByTable[name] = rows.length
      for (const { row } of rows) parts.push(row, hexTexts(row))
    }
    return { text: Buffer.from(parts.join('\n')), rowsByTable }
  })
}

/** Puts `text` where the server can read it: the `type` of an account, its CHECK set aside. */
export async function plantMarker(databaseUrl: string, text: string): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    const checks = await client.query<{ name: string }>(
      `SELECT conname AS name FROM pg_constraint
       WHERE conrelid = 'accounts_encrypt'::regclass AND contype = 'c'`,
    )
    for (const { name } of checks.rows)
      await client.query(`ALTER TABLE accounts_encrypt DROP CONSTRAINT "${name}"`)
    await client.query('UPDATE accounts_encrypt SET type = $1', [text])
    await client.query('CHECKPOINT')
  })
}

/** Rows of one query on the server's database. */
export async function queryPostgres<T>(databaseUrl: string, sql: string): Promise<T[]> {
  return withClient(databaseUrl, async (client) => (await client.query(sql)).rows as T[])
}

/** Decodes `\x…` values, since bytea prints as hex. */
function hexTexts(row: string): string {
  return [...row.matchAll(/\\x([0-9a-f]+)/g)]
    .map(([, hex]) => Buffer.from(hex ?? '', 'hex').toString('latin1'))
    .join('\n')
}

async function withClient<T>(databaseUrl: string, run: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    return await run(client)
  } finally {
    await client.end()
  }
}
