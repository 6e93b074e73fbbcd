import { describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'

describe('the configuration', () => {
  it('needs nothing', () => {
    expect(readConfig({}, false)).toEqual({
      port: 4173,
      host: '127.0.0.1',
      dataDir: `${process.cwd()}/.data`,
      publicUrl: 'http://localhost:4173',
      databaseUrl: undefined,
      syncUrl: undefined,
      syncRole: 'powersync_source',
      logLevel: 'info',
      trustProxy: false,
      metricsToken: undefined,
      syncConnectionsPerUser: undefined,
    })
  })

  it('takes an empty variable for an unset one', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: '', SYNC_URL: '' }, false)).toEqual(
      readConfig({}, false),
    )
  })

  it('is quiet on a terminal', () => {
    expect(readConfig({}, true).logLevel).toBe('warn')
    expect(readConfig({ LOG_LEVEL: 'debug' }, true).logLevel).toBe('debug')
  })

  it('follows the port in the public address', () => {
    expect(readConfig({ PORT: '8080' }, false).publicUrl).toBe('http://localhost:8080')
  })

  it.each([
    ['PORT', '70000'],
    ['PORT', '80.5'],
    ['PUBLIC_URL', 'sealbook.example'],
    ['PUBLIC_URL', 'https://example.org/sealbook'],
    ['DATABASE_URL', 'mysql://secret-word@host/db'],
    ['SYNC_URL', 'not an address'],
    ['LOG_LEVEL', 'loud'],
    ['TRUST_PROXY', 'maybe'],
    ['METRICS_TOKEN', 'too short'],
    ['SYNC_CONNECTIONS_PER_USER', '0'],
    ['SYNC_CONNECTIONS_PER_USER', 'many'],
  ])('refuses %s=%s by its name', (name, value) => {
    expect(() => readConfig({ [name]: value }, false)).toThrow(name)
  })

  it('takes a sync service only with the Postgres that it reads', () => {
    const env = { SYNC_URL: 'https://sync.example', DATABASE_URL: 'postgres://host/db' }
    expect(readConfig(env, false)).toMatchObject({ syncUrl: 'https://sync.example' })
    expect(() => readConfig({ ...env, DATABASE_URL: '' }, false)).toThrow(/DATABASE_URL/)
    expect(readConfig({ ...env, SYNC_ROLE: 'reader' }, false).syncRole).toBe('reader')
  })

  it('never repeats a secret', () => {
    expect(() => readConfig({ METRICS_TOKEN: 'secret-word' }, false)).toThrow(/^(?!.*secret-word)/)
  })

  it('never repeats an address that may hold a password', () => {
    expect(() => readConfig({ DATABASE_URL: 'mysql://secret-word@host/db' }, false)).toThrow(
      /^(?!.*secret-word)/,
    )
  })
})
