import { startPostgres } from '@sealbook/pg-runtime'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'

/** Everything that a benchmark of sync needs, without clients. */
export interface Stage {
  readonly databaseUrl: string
  readonly pool: pg.Pool
  startEngine(): Promise<EngineProcess>
  token(userId: string): Promise<string>
  /** Stops the engine and Postgres, and removes the data. */
  close(): Promise<void>
}

export interface EngineProcess {
  readonly url: string
  /** Resident memory now. */
  residentMegabytes(): Promise<number>
}

// run.mjs changes into packages/bench and builds into its .cache.
const repository = path.resolve('../..')
const engineFile = path.resolve('.cache/engine-child.mjs')
const productRules = path.join(repository, 'powersync/sync_rules.yaml')
const migrationsDir = path.join(repository, 'apps/server/migrations')
const tokenLifetime = '1h'

/** A Postgres as `npm start` runs it, with the product's tables, and an engine with these rules. */
export async function setStage(rulesFile: string = productRules): Promise<Stage> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'sealbook-bench-'))
  const postgres = await startPostgres({ dataDir })
  const pool = new pg.Pool({ connectionString: postgres.url })
  pool.on('error', () => undefined) // idle, at the end
  const names = (await readdir(migrationsDir)).filter((name) => name.endsWith('.sql')).sort()
  for (const name of names) await pool.query(await readFile(path.join(migrationsDir, name), 'utf8'))
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'bench', alg: 'RS256', use: 'sig' }
  let child: ChildProcess | undefined
  return {
    databaseUrl: postgres.url,
    pool,
    async startEngine() {
      child = fork(engineFile, {
        env: {
          ...process.env,
          DATABASE_URL: postgres.url,
          JWKS: JSON.stringify({ keys: [jwk] }),
          RULES_FILE: rulesFile,
        },
      })
      return await engineIn(child)
    },
    token: (userId) =>
      new SignJWT({})
        .setProtectedHeader({ alg: 'RS256', kid: 'bench' })
        .setSubject(userId)
        .setAudience('powersync')
        .setIssuedAt()
        .setExpirationTime(tokenLifetime)
        .sign(privateKey),
    async close() {
      if (child && child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit')
      await pool.end()
      await postgres.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

async function engineIn(child: ChildProcess): Promise<EngineProcess> {
  const { port } = await answer<{ port: number }>(child)
  return {
    url: `http://127.0.0.1:${port}`,
    async residentMegabytes() {
      const answered = answer<{ rssBytes: number }>(child)
      child.send('memory')
      return (await answered).rssBytes / 1_048_576
    },
  }
}

async function answer<T>(child: ChildProcess): Promise<T> {
  const done = new AbortController()
  const { signal } = done
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`the engine ended with ${code}`)
  })
  try {
    const message = once(child, 'message', { signal }) as Promise<[T]>
    return (await Promise.race([message, ended]))[0]
  } finally {
    ended.catch(() => undefined)
    done.abort()
  }
}
