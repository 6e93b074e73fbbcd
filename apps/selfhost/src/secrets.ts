import { randomBytes } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import path from 'node:path'

/** Made at the first start and kept in `secrets.json`, mode 0600. None of them opens user data. */
export interface Secrets {
  /** Signs session cookies. */
  readonly authSecret: string
  /** Of the embedded Postgres' role for the app. */
  readonly databasePassword: string
}

const secretBytes = 32

/** @throws when the file is there but damaged: making new secrets would hide that. */
export async function loadSecrets(dataDir: string): Promise<Secrets> {
  const file = path.join(dataDir, 'secrets.json')
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text !== undefined) return parse(text, file)
  const secrets: Secrets = {
    authSecret: randomBytes(secretBytes).toString('base64url'),
    databasePassword: randomBytes(secretBytes).toString('base64url'),
  }
  await writeDurably(file, JSON.stringify(secrets))
  return secrets
}

function parse(text: string, file: string): Secrets {
  const found = parseJson(text) as Partial<Secrets> | undefined
  if (typeof found?.authSecret === 'string' && typeof found.databasePassword === 'string') {
    return { authSecret: found.authSecret, databasePassword: found.databasePassword }
  }
  throw new Error(
    `${file} is damaged. Restore it from a backup, or remove it to sign everyone out.`,
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** All or nothing, whenever the power goes. */
async function writeDurably(file: string, text: string): Promise<void> {
  const partial = `${file}.partial`
  const handle = await open(partial, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(partial, file)
}
