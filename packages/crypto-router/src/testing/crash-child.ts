/**
 * A device that is killed: writes rows without a pause while the router works, uploads and foreign
 * rows arrive. Run by crash.test.ts as a process of its own: node crash-child.mjs <folder>.
 */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadCrypto } from '@sealbook/crypto'
import { installRouter } from '../install.ts'
import { createCryptoRouter } from '../router.ts'
import { CrashScene, type JournalEntry } from './crash-scene.ts'
import { openDatabase, personId } from './device.ts'
import { insertTransaction, rowId } from './ledger-rows.ts'
import { SyncLink } from './mini-server.ts'

const [folder = ''] = process.argv.slice(2)

async function main(): Promise<void> {
  await loadCrypto()
  const scene = new CrashScene(folder)
  const server = scene.openServer()
  const db = openDatabase(folder)
  await installRouter(db)
  const keys = scene.keys()
  const router = createCryptoRouter({
    db,
    keys: { get: () => keys },
    authorId: personId,
    now: () => Date.now(),
  })
  router.start()
  const link = new SyncLink(db, server, 'killed')
  process.stdout.write('ready\n')
  void syncForEver()
  await writeForEver()

  async function syncForEver(): Promise<void> {
    for (;;) {
      scene.deliverForeignRows(server, 20)
      await link.upload()
      await link.download()
      await sleep(5)
    }
  }

  async function writeForEver(): Promise<void> {
    let number = scene.journal().length
    for (;;) {
      number++
      const id = rowId(1_000 + (number % 400))
      const exists =
        (await db.getOptional('SELECT 1 FROM transactions WHERE id = ?', [id])) !== null
      // Every fifth visit of a row deletes it, the others edit it.
      const op = !exists ? 'insert' : number % 5 === 0 ? 'delete' : 'update'
      const payee = op === 'delete' ? null : `write ${number}`
      note({ number, id, payee, accepted: false })
      if (op === 'insert') await insertTransaction(db, id, { payee, amount: BigInt(number) })
      else if (op === 'delete') await db.execute('DELETE FROM transactions WHERE id = ?', [id])
      else await db.execute('UPDATE transactions SET payee = ? WHERE id = ?', [payee, id])
      note({ number, id, payee, accepted: true })
    }
  }

  function note(entry: JournalEntry): void {
    appendFileSync(join(folder, 'journal.jsonl'), `${JSON.stringify(entry)}\n`)
  }
}

void main()
