import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Owner } from './rows.ts'
import type { EngineProcess, Stage } from './stage.ts'

/**
 * Opens `count` sync streams, shared out over the owners, and resolves when each has got its first
 * complete checkpoint. They read whatever comes after. The result ends them.
 */
export async function openIdleStreams(
  engine: EngineProcess,
  stage: Stage,
  owners: readonly Owner[],
  count: number,
): Promise<() => Promise<void>> {
  const agent = new Agent({ maxSockets: count })
  const streams: ClientRequest[] = []
  const opening = Array.from({ length: count }, async (_, index) => {
    const owner = owners[index % owners.length]
    if (!owner) throw new Error('no owner')
    const stream = request(`${engine.url}/sync/stream`, {
      agent,
      method: 'POST',
      headers: {
        authorization: `Bearer ${await stage.token(owner.userId)}`,
        'content-type': 'application/json',
        accept: 'application/x-ndjson',
      },
    })
    streams.push(stream)
    stream.end(JSON.stringify({ buckets: [], include_checksum: true, raw_data: true }))
    const [response] = (await once(stream, 'response')) as [IncomingMessage]
    if (response.statusCode !== 200) throw new Error(`a stream got ${response.statusCode}`)
    await untilComplete(response)
  })
  await Promise.all(opening)
  return async () => {
    // Cutting a stream that is being read is an error to it, and meant.
    const closed = streams.map(
      (stream) =>
        new Promise<void>((resolve) => {
          stream.on('error', () => undefined).once('close', resolve)
          stream.destroy()
        }),
    )
    await Promise.all(closed)
    agent.destroy()
  }
}

/** It goes on reading afterwards: an idle client does. */
async function untilComplete(response: IncomingMessage): Promise<void> {
  const lines = createInterface({ input: response })
  response.on('error', () => undefined)
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => line.includes('"checkpoint_complete"') && resolve())
    lines.on('error', () => undefined).on('close', () => reject(new Error('a stream ended')))
  })
}
