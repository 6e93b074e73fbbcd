import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

/** The server in a process of its own, and one person with an empty workspace on it. */
export interface UploadServer {
  readonly workspaceId: string
  /** Uploads as a client does; @throws unless the server applied every operation. */
  upload(batch: readonly object[]): Promise<void>
  close(): Promise<void>
}

// Beside the server, whose packages it needs; run.mjs changes into packages/bench.
const serverFile = path.resolve('../../apps/server/.cache/server-child.mjs')
const publicUrl = 'http://localhost:4173'

export async function startServer(databaseUrl: string, workspaceId: string): Promise<UploadServer> {
  const child = fork(serverFile, {
    env: { ...process.env, DATABASE_URL: databaseUrl, PUBLIC_URL: publicUrl },
  })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the server ended with ${code}`)
  })
  ended.catch(() => undefined)
  const started = once(child, 'message') as Promise<[{ url: string }]>
  const [{ url }] = await Promise.race([started, ended])
  let cookie = ''
  const post = async (route: string, body: object): Promise<Response> => {
    const response = await fetch(url + route, {
      method: 'POST',
      headers: { origin: publicUrl, cookie, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${route} answered ${response.status}`)
    return response
  }
  const person = { email: 'bench@example.test', password: 'correct horse battery', name: 'Bench' }
  const signedUp = await post('/api/auth/sign-up/email', person)
  cookie = signedUp.headers
    .getSetCookie()
    .map((line) => line.slice(0, line.indexOf(';')))
    .join('; ')
  const wrapped = Buffer.alloc(wrappedKeyBytes, 1).toString('base64url')
  await post('/api/workspaces', { id: workspaceId, dataKey: { keyVersion: 1, wrapped } })
  return {
    workspaceId,
    async upload(batch) {
      const response = await post('/api/sync/upload', { batch })
      const { applied } = (await response.json()) as { applied: number }
      if (applied !== batch.length) throw new Error(`${applied} operations were applied`)
    },
    async close() {
      const exited = once(child, 'exit')
      if (child.kill()) await exited
    },
  }
}

const wrappedKeyBytes = 74
