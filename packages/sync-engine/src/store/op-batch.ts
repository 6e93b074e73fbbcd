import type pg from 'pg'

type OpColumns = [
  bucketId: number,
  opId: bigint,
  op: 'PUT' | 'REMOVE',
  type: string,
  id: string,
  subkey: string,
  checksum: number,
  data: string | null,
]

/** An operation that a later one of the same row makes superfluous. */
export interface Superseded {
  readonly bucketId: number
  readonly opId: bigint
  readonly targetOp: bigint
}

/** Operations gathered for one INSERT, with those that they supersede. */
export class OpBatch {
  readonly #columns: unknown[][] = [[], [], [], [], [], [], [], []]
  readonly #superseded: Superseded[] = []

  add(op: OpColumns): void {
    op.forEach((value, index) => this.#columns[index]?.push(value))
  }

  supersede(superseded: Superseded): void {
    this.#superseded.push(superseded)
  }

  async insert(client: pg.ClientBase, schema: string): Promise<void> {
    if (this.#columns[0]?.length) {
      await client.query({
        name: 'write-ops',
        text: `INSERT INTO ${schema}.bucket_ops
               SELECT * FROM unnest($1::int[], $2::bigint[], $3::text[], $4::text[], $5::text[],
                                    $6::text[], $7::bigint[], $8::text[])`,
        values: this.#columns,
      })
    }
    await insertSuperseded(client, schema, this.#superseded)
  }
}

export async function insertSuperseded(
  client: pg.ClientBase,
  schema: string,
  superseded: readonly Superseded[],
): Promise<void> {
  if (superseded.length === 0) return
  await client.query({
    name: 'write-superseded',
    text: `INSERT INTO ${schema}.superseded_ops
           SELECT * FROM unnest($1::int[], $2::bigint[], $3::bigint[])`,
    values: [
      superseded.map(({ bucketId }) => bucketId),
      superseded.map(({ targetOp }) => targetOp),
      superseded.map(({ opId }) => opId),
    ],
  })
}
