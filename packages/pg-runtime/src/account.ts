import { readFile, stat } from 'node:fs/promises'
import { PostgresStartError } from './start-error.ts'

/** The operating-system account that Postgres runs as; undefined means the one that Node runs as. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/** In order of preference. initdb needs an account with an entry in /etc/passwd. */
const candidateNames = ['postgres', 'nobody']

/**
 * Postgres refuses to run as root. An existing cluster keeps the account that owns it; a new one
 * gets `postgres` or `nobody`.
 */
export async function chooseAccount(clusterDir: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const owner = await stat(clusterDir).catch(() => undefined)
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  const byName = parsePasswd(await readFile('/etc/passwd', 'utf8'))
  for (const name of candidateNames) {
    const account = byName.get(name)
    if (account) return account
  }
  throw new PostgresStartError(
    'no-account',
    `Postgres does not run as root and none of the accounts ${candidateNames.join(', ')} exists. ` +
      'Start Sealbook as an ordinary user, or create one of them.',
  )
}

function parsePasswd(text: string): ReadonlyMap<string, Account> {
  const accountByName = new Map<string, Account>()
  for (const line of text.split('\n')) {
    const [name, , uid, gid] = line.split(':')
    if (name && uid && gid) accountByName.set(name, { uid: Number(uid), gid: Number(gid) })
  }
  return accountByName
}
