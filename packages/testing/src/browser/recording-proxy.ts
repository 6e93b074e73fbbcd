import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A TCP relay in front of a server that keeps every byte the server receives. */
export interface RecordingProxy {
  readonly port: number
  /** Everything received so far, connection after connection. */
  received(): Buffer
  close(): Promise<void>
}

/** @param targetPort port on 127.0.0.1 of the server behind. */
export async function startRecordingProxy(
  port: number,
  targetPort: number,
): Promise<RecordingProxy> {
  const chunks: Buffer[] = []
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {
        client.destroy()
        upstream.destroy()
      })
      socket.on('close', () => sockets.delete(socket))
    }
    client.on('data', (chunk: Buffer) => chunks.push(chunk))
    client.pipe(upstream)
    upstream.pipe(client)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port,
    received: () => Buffer.concat(chunks),
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
