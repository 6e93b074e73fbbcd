import { randomUUID } from 'node:crypto'
import type pg from 'pg'

type Queryable = Pick<pg.Pool, 'query'>

export async function addPerson(db: Queryable): Promise<string> {
  const id = randomUUID()
  await db.query(`INSERT INTO auth_user (id, name, email) VALUES ($1, 'Contract', $2)`, [
    id,
    `${id}@contract.test`,
  ])
  return id
}

/** A workspace with these members. */
export async function addWorkspace(
  db: Queryable,
  creator: string,
  members: readonly string[] = [creator],
): Promise<string> {
  const id = randomUUID()
  await db.query('INSERT INTO workspaces (id, created_by) VALUES ($1, $2)', [id, creator])
  for (const member of members) await addMember(db, id, member)
  return id
}

export async function addMember(
  db: Queryable,
  workspaceId: string,
  userId: string,
  id: string = randomUUID(),
): Promise<string> {
  await db.query(`INSERT INTO workspace_memberships VALUES ($1, $2, $3, 'editor')`, [
    id,
    workspaceId,
    userId,
  ])
  return id
}
