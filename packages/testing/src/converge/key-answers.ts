/** What the server says when a device asks for its keys. */
export const keyAnswers = [
  'true',
  /** Neither slots nor workspaces. */
  'empty',
  /** From before there was a workspace. */
  'old',
  /** Every data key with one flipped bit. */
  'damaged',
  /** A further version that nobody made. */
  'bogus-version',
] as const
export type KeyAnswer = (typeof keyAnswers)[number]

interface DataKeys {
  readonly slots: readonly unknown[]
  readonly workspaces: readonly {
    readonly dataKeys: readonly { readonly keyVersion: number; readonly wrapped: string }[]
  }[]
}

/** @param body of the true answer. */
export function lieAboutKeys(body: Buffer, answer: KeyAnswer): Buffer {
  const keys = JSON.parse(body.toString()) as DataKeys
  return Buffer.from(JSON.stringify(answered(keys, answer)))
}

function answered(keys: DataKeys, answer: KeyAnswer): unknown {
  switch (answer) {
    case 'true':
      return keys
    case 'empty':
      return { slots: [], workspaces: [] }
    case 'old':
      return { ...keys, workspaces: [] }
    case 'damaged':
      return withDataKeys(keys, (dataKeys) =>
        dataKeys.map((key) => ({ ...key, wrapped: flip(key.wrapped) })),
      )
    case 'bogus-version':
      return withDataKeys(keys, (dataKeys) => [
        ...dataKeys,
        ...dataKeys.map(({ wrapped }) => ({ keyVersion: 9, wrapped })),
      ])
  }
}

type WrappedKeys = DataKeys['workspaces'][number]['dataKeys']

function withDataKeys(keys: DataKeys, change: (dataKeys: WrappedKeys) => WrappedKeys): DataKeys {
  const workspaces = keys.workspaces.map((each) => ({ ...each, dataKeys: change(each.dataKeys) }))
  return { ...keys, workspaces }
}

function flip(wrapped: string): string {
  const at = 40
  return wrapped.slice(0, at) + (wrapped[at] === 'A' ? 'B' : 'A') + wrapped.slice(at + 1)
}
