import schema from '@powersync/service-schema/schema.json' with { type: 'json' }
import Ajv from 'ajv'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse, parseDocument } from 'yaml'
import { root } from './run.mjs'

// A dependency of packages/sync-engine: the tests read the rules with what both engines read them.
const requireOfEngine = createRequire(path.join(root, 'packages/sync-engine/package.json'))
const { SqlSyncRules } = await import(requireOfEngine.resolve('@powersync/service-sync-rules'))

const configFile = path.join(root, 'powersync/powersync.yaml')
const rulesFile = path.join(root, 'powersync/sync_rules.yaml')
const validate = new Ajv({ strict: false, allErrors: true }).compile(schema)

/** As the service reads it: `!env NAME` and `!env NAME::number`. */
function readConfig(text, env) {
  const missing = []
  const tag = {
    tag: '!env',
    resolve(reference) {
      const [name, type] = reference.split('::')
      if (!name.startsWith('PS_') || env[name] === undefined) missing.push(name)
      return type === 'number' ? Number(env[name]) : env[name]
    },
  }
  const document = parseDocument(text, { schema: 'core', customTags: [tag] })
  const errors = [...document.errors.map(String), ...missing.map((name) => `${name} is missing`)]
  const config = document.toJS()
  if (!validate(config)) errors.push(...validate.errors.map((error) => JSON.stringify(error)))
  return { config, errors }
}

describe('powersync/powersync.yaml', () => {
  let text
  let env
  beforeAll(async () => {
    text = await readFile(configFile, 'utf8')
    const compose = parse(await readFile(path.join(root, 'docker-compose.yml'), 'utf8'))
    env = compose.services.powersync.environment
  })

  it('follows the schema of the service, with the variables that compose sets', () => {
    const { config, errors } = readConfig(text, env)
    expect(errors).toEqual([])
    expect(config).toMatchObject({
      replication: { connections: [{ type: 'postgresql', uri: env.PS_DATA_SOURCE_URI }] },
      storage: { type: 'postgresql', uri: env.PS_STORAGE_PG_URI },
      client_auth: { jwks_uri: env.PS_JWKS_URL, audience: [env.PS_AUDIENCE] },
      port: 7001,
      telemetry: { disable_telemetry_sharing: true },
    })
    expect(config.api.tokens).toBeUndefined()
    // Above it the service logs ids of people and workspaces.
    expect(config.system.logging.level).toBe('warn')
  })

  it.each(['PS_DATA_SOURCE_URI', 'PS_STORAGE_PG_URI', 'PS_JWKS_URL', 'PS_AUDIENCE'])(
    'reads %s from the environment',
    (name) => {
      const others = { ...env, [name]: undefined }
      expect(readConfig(text, others).errors).toContain(`${name} is missing`)
    },
  )

  it.each([
    ['a wrong type', 'use_http: true', 'use_http: perhaps'],
    ['a storage of no type', 'storage:\n  type: postgresql', 'storage:'],
    ['words for a number', 'max_concurrent_connections: 200', 'max_concurrent_connections: many'],
    ['a broken line', 'client_auth:', 'client_auth: ['],
  ])('would be caught with %s', (_, from, to) => {
    const broken = text.replace(from, to)
    expect(broken).not.toBe(text)
    expect(readConfig(broken, env).errors).not.toEqual([])
  })

  it('has each variable explained for a service of one’s own, at the version of compose', async () => {
    const read = (file) => readFile(path.join(root, file), 'utf8')
    const [, section = ''] = (await read('docs/self-hosting.md')).split(
      '## `npm start` with a PowerSync Service of your own',
    )
    const own = section.split('\n## ')[0]
    const names = [...text.matchAll(/!env (PS_\w+)/g)].map(([, name]) => name)
    expect(names.length).toBeGreaterThan(4)
    for (const name of names) expect([name, own.includes(`\`${name}\``)]).toEqual([name, true])
    const [, image] = /^FROM (\S+)$/m.exec(await read('powersync/Dockerfile'))
    expect(own.match(/journeyapps\/powersync-service:[\d.]+/g)).toEqual([image, image])
    expect(own).toContain('powersync/postgres/roles.sql')
  })

  it('names the rules that lie beside it', () => {
    expect(readConfig(text, env).config.sync_config.path).toBe(path.basename(rulesFile))
  })
})

describe('powersync/sync_rules.yaml', () => {
  const judge = (text) => {
    try {
      const { errors } = SqlSyncRules.fromYaml(text, {
        defaultSchema: 'public',
        throwOnError: false,
      })
      return errors.map(({ message }) => message)
    } catch (error) {
      return [String(error)]
    }
  }

  it('is read by the package of both engines without an error or a warning', async () => {
    expect(judge(await readFile(rulesFile, 'utf8'))).toEqual([])
  })

  it.each([
    ['an unknown function', 'request.user_id()', 'request.usr_id()'],
    ['a column of no bucket', 'bucket.workspace_id', 'bucket.workspace'],
    ['a query that is none', 'SELECT * FROM accounts_encrypt', 'SELEKT * FROM accounts_encrypt'],
    ['an unknown key', 'bucket_definitions:', 'bucket_definitons:'],
    ['a query that fits no bucket', ' = bucket.workspace_id', ' > bucket.workspace_id'],
  ])('would be caught with %s', async (_, from, to) => {
    const text = await readFile(rulesFile, 'utf8')
    expect(text).toContain(from)
    expect(judge(text.replace(from, to))).not.toEqual([])
  })
})
