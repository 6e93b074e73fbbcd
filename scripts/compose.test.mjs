import { DCLinter } from 'dclint'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { root } from './run.mjs'

const files = ['docker-compose.yml', 'docker-compose.scale.yml']
/** Of what is built here in two stages, and of others' images with our configuration in them. */
const dockerfiles = ['apps/server/Dockerfile', 'apps/selfhost/Dockerfile']
const configured = ['powersync/Dockerfile', 'powersync/postgres/Dockerfile']
/** What dclint says about taste; our order tells a story. */
const tasteRules = [
  'no-build-and-image',
  'no-quotes-in-volumes',
  'require-project-name-field',
  'require-quotes-in-ports',
  'service-dependencies-alphabetical-order',
  'service-keys-order',
  'services-alphabetical-order',
  'top-level-properties-order',
]
const linter = new DCLinter({
  rules: Object.fromEntries(tasteRules.map((name) => [name, 0])),
  quiet: false,
  debug: false,
  exclude: [],
})

const read = (file) => readFile(path.join(root, file), 'utf8')

let folder
let compose
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sealbook-compose-'))
  compose = parse(await read('docker-compose.yml'), { merge: true })
})
afterAll(() => rm(folder, { recursive: true }))

/** The compose specification's schema first, then the linter's rules, with variables filled in. */
async function lint(text) {
  const file = path.join(folder, 'docker-compose.yml')
  await writeFile(file, text.replaceAll(/\$\{\w+(?::-([^}]*)|:\?[^}]*)\}/g, '$1'))
  return linter
    .lintFiles([file], false)
    .flatMap(({ messages }) => messages.map(({ rule, message }) => `${rule}: ${message}`))
}

describe('the compose files', () => {
  it.each(files)('%s follows the compose specification and the linter', async (file) => {
    expect(await lint(await read(file))).toEqual([])
  })

  it.each([
    ['an unknown key', 'read_only: true', 'read_olny: true'],
    ['a wrong type', 'cap_drop: [ALL]', 'cap_drop: 7'],
    ['a condition that does not exist', 'condition: service_healthy', 'condition: service_well'],
    ['a broken line', 'services:', 'services: ['],
    ['an image without a version', 'image: sealbook-powersync:0.1.0', 'image: sealbook-powersync'],
    ['a port for the world', '${BIND_ADDRESS:-127.0.0.1}:${FRONTEND_PORT:-4173}:4173', '4173:4173'],
  ])('would be caught with %s', async (_, from, to) => {
    const text = await read('docker-compose.yml')
    const broken = text.replace(from, to)
    expect(broken).not.toBe(text)
    expect(await lint(broken)).not.toEqual([])
  })

  it('has every variable in .env.example, and no default for a secret', async () => {
    const texts = await Promise.all(files.map(read))
    const used = texts.flatMap((text) => [...text.matchAll(/\$\{(\w+)(:[?-])?/g)])
    const example = await read('.env.example')
    const offered = new Map([...example.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, v]) => [name, v]))
    expect([...new Set(used.map(([, name]) => name))].sort()).toEqual([...offered.keys()].sort())
    for (const [reference, name, kind] of used) {
      const isSecret = /SECRET|PASSWORD/.test(name)
      expect([reference, kind]).toEqual([
        reference,
        isSecret || name === 'PUBLIC_URL' ? ':?' : ':-',
      ])
      if (isSecret) expect([name, offered.get(name)]).toEqual([name, ''])
    }
  })

  it('has a frontend, a backend, PowerSync and Postgres 16 on the ports of the architecture', async () => {
    const { frontend, backend, powersync, postgres, ...others } = compose.services
    expect(others).toEqual({})
    expect(frontend.ports).toHaveLength(1)
    expect(frontend.ports[0]).toMatch(/:4173$/)
    expect([frontend, backend].map(({ environment }) => environment.PORT)).toEqual(['4173', '8000'])
    expect(powersync.environment.PS_PORT).toBe('7001')
    expect(powersync.command).toEqual(['start', '-r', 'unified'])
    expect(await read('powersync/postgres/Dockerfile')).toMatch(/^FROM postgres:16\./m)
    expect(postgres.command).toContain('wal_level=logical')
  })

  it('publishes the frontend only, on this machine only unless told otherwise', () => {
    for (const [name, { ports }] of Object.entries(compose.services)) {
      const expected = name === 'frontend' ? [expect.stringMatching(/^\$\{BIND_ADDRESS:-127/)] : []
      expect([name, ports ?? []]).toEqual([name, expected])
    }
    for (const name of ['app', 'data']) expect(compose.networks[name]).toEqual({ internal: true })
    expect(compose.services.postgres.networks).toEqual(['data'])
    expect(compose.services.frontend.networks).not.toContain('data')
  })

  it('runs nothing as root, with rights to spare or on a file system that can be written', () => {
    for (const service of Object.values(compose.services)) {
      expect(service.user).toMatch(/^[1-9]\d*:[1-9]\d*$/)
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] })
      expect(service.security_opt).toContain('no-new-privileges:true')
      expect(service.privileged).toBeUndefined()
      expect(service.mem_limit).toBeDefined()
      expect(service.restart).toBe('unless-stopped')
    }
  })

  it('waits for the health of what a service needs', () => {
    for (const { healthcheck, depends_on = {} } of Object.values(compose.services)) {
      expect(healthcheck.test[0]).toBe('CMD')
      for (const { condition } of Object.values(depends_on))
        expect(condition).toBe('service_healthy')
    }
    expect(Object.keys(compose.services.powersync.depends_on)).toEqual(['postgres', 'backend'])
    expect(Object.keys(compose.services.backend.depends_on)).toEqual(['postgres'])
  })

  it('keeps data in a named volume and mounts nothing of the checkout, whose umask may be 077', async () => {
    expect(compose.services.postgres.volumes).toEqual(['postgres-data:/var/lib/postgresql/data'])
    expect(Object.keys(compose.volumes)).toEqual(['postgres-data'])
    for (const [name, { volumes = [], configs, secrets }] of Object.entries(compose.services)) {
      const expected = name === 'postgres' ? 1 : 0
      expect([name, volumes.length, configs, secrets]).toEqual([
        name,
        expected,
        undefined,
        undefined,
      ])
    }
    for (const file of configured) {
      const copies = [...(await read(file)).matchAll(/^(?:COPY|ADD) (.*)$/gm)].map(
        ([, rest]) => rest,
      )
      expect(copies).toHaveLength(1)
      const [mode, ...names] = copies[0].split(' ')
      expect(mode).toBe('--chmod=0444')
      for (const name of names.slice(0, -1)) {
        expect(await read(path.join(path.dirname(file), name))).not.toBe('')
      }
    }
    // What a build copies from the checkout is made readable in it.
    expect(await read('apps/selfhost/Dockerfile')).toMatch(/chmod -R a\+rX apps\/web\/dist/)
  })

  it('pins every image, those that it builds on too', async () => {
    for (const { image, build } of Object.values(compose.services)) {
      expect(image).toMatch(/:\d+\.\d+\.?\d*[^:]*(@sha256:[0-9a-f]{64})?$/)
      const file = path.join(build.context, build.dockerfile ?? 'Dockerfile')
      expect([...dockerfiles, ...configured]).toContain(file)
    }
    for (const file of dockerfiles) {
      const bases = [...(await read(file)).matchAll(/^FROM (\S+)/gm)].map(([, base]) => base)
      expect(bases).toHaveLength(2)
      for (const base of bases) expect(base).toMatch(/^node:\d+\.\d+\.\d+-\S+@sha256:[0-9a-f]{64}$/)
      expect(await read(file)).toMatch(/^USER node$/m)
    }
    const bases = await Promise.all(configured.map(read))
    // No registry could be asked for PowerSync's digest: ADR 30.
    expect(bases[0]).toMatch(/^FROM journeyapps\/powersync-service:\d+\.\d+\.\d+$/m)
    expect(bases[1]).toMatch(/^FROM postgres:\d+\.\d+-\S+@sha256:[0-9a-f]{64}$/m)
  })

  it('splits PowerSync into one replication process and several API processes', async () => {
    const { services } = parse(await read('docker-compose.scale.yml'), { merge: true })
    expect(services.powersync.command).toEqual(['start', '-r', 'api'])
    // Compose extends no service that has `depends_on`, so it is written out: the same otherwise.
    for (const service of Object.values(services)) expect(service.extends).toBeUndefined()
    expect(services['powersync-replication']).toEqual({
      ...compose.services.powersync,
      command: ['start', '-r', 'sync'],
      deploy: { replicas: 1 },
    })
  })
})
