import { ESLint } from 'eslint'
import { describe, expect, it } from 'vitest'
import { root } from './run.mjs'

/** Proves that lint rejects what STYLE's borders forbid, on the real configuration. */
const borderRules = [
  '@typescript-eslint/no-restricted-imports',
  'import-x/no-restricted-paths',
  'import-x/no-cycle',
  'no-restricted-syntax',
]

const eslint = new ESLint({
  cwd: root,
  ruleFilter: ({ ruleId }) => borderRules.includes(ruleId),
  // Borders need no types; without them a file need not exist.
  overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
})

/** @returns {Promise<string[]>} what lint says about one import in one file */
function judge(filePath, specifier) {
  return judgeText(filePath, `import '${specifier}'\n`)
}

/** @returns {Promise<string[]>} */
async function judgeText(filePath, text) {
  const [result] = await eslint.lintText(text, { filePath })
  return result.messages.map(({ ruleId, message }) => `${ruleId}: ${message}`)
}

const forbidden = [
  ['schema stands alone', 'packages/schema/src/probe.ts', '@sealbook/ledger', /stands alone/],
  ['ledger stands alone', 'packages/ledger/src/probe.ts', '@sealbook/schema', /stands alone/],
  ['crypto stands alone', 'packages/crypto/src/probe.ts', '@sealbook/schema', /stands alone/],
  [
    'pg-runtime stands alone',
    'packages/pg-runtime/src/probe.ts',
    '@sealbook/schema',
    /stands alone/,
  ],
  ['crypto knows no machine', 'packages/crypto/src/probe.ts', 'node:fs', /runs in browsers/],
  [
    'the router knows no machine',
    'packages/crypto-router/src/probe.ts',
    'node:fs',
    /runs in browsers/,
  ],
  ['the server decrypts nothing', 'apps/server/src/probe.ts', '@sealbook/crypto', /Decryption/],
  [
    'nor in a feature',
    'apps/server/src/features/a/probe.ts',
    '@sealbook/crypto-router',
    /Decryption/,
  ],
  ['nor in a test', 'apps/server/src/probe.test.ts', '@sealbook/crypto', /Decryption/],
  [
    'nor with the library itself',
    'apps/server/src/probe.ts',
    'libsodium-wrappers-sumo',
    /Decryption/,
  ],
  [
    'the engine decrypts nothing',
    'packages/sync-engine/src/probe.ts',
    '@sealbook/crypto',
    /Decryption/,
  ],
  ['selfhost decrypts nothing', 'apps/selfhost/src/probe.ts', '@sealbook/crypto', /Decryption/],
  ['packages know no React', 'packages/sync-client/src/probe.ts', 'react', /only apps\/web/i],
  ['testing is for tests', 'apps/server/src/probe.ts', '@sealbook/testing', /dev only/],
  [
    'testing is for tests in the web app',
    'apps/web/src/data/probe.ts',
    '@sealbook/testing',
    /dev only/,
  ],
  [
    'no insides by name',
    'apps/web/src/data/probe.ts',
    '@sealbook/crypto/src/kdf.ts',
    /through its exports/,
  ],
  [
    'no insides by path',
    'apps/web/src/data/probe.ts',
    '../../../../packages/crypto/src/kdf.ts',
    /through its exports/,
  ],
  ['ui knows no data', 'apps/web/src/ui/probe.tsx', '../data/rows.ts', /no data source/],
  ['ui knows no database', 'apps/web/src/ui/probe.tsx', '@powersync/web', /no data source/],
  ['data knows no ui', 'apps/web/src/data/probe.ts', '../ui/button.tsx', /features -> data, ui/],
  [
    'data knows no feature',
    'apps/web/src/data/probe.ts',
    '../features/transactions/layout.ts',
    /features -> data, ui/,
  ],
  [
    'web features are apart',
    'apps/web/src/features/workspace/probe.ts',
    '../transactions/layout.ts',
    /do not import each other/,
  ],
  [
    'server features are apart',
    'apps/server/src/features/me/probe.ts',
    '../upload/routes.ts',
    /do not import each other/,
  ],
  [
    'server plugins know no feature',
    'apps/server/src/plugins/probe.ts',
    '../features/me/routes.ts',
    /features -> plugins/,
  ],
  ['no cycles', 'packages/pg-runtime/src/start-error.ts', './cluster.ts', /cycle/],
]

const allowed = [
  ['apps/server/src/probe.ts', '@sealbook/schema'],
  ['apps/server/src/probe.test.ts', '@sealbook/testing'],
  ['apps/server/src/features/me/probe.ts', '../../plugins/session.ts'],
  ['apps/server/src/features/me/probe.ts', './routes.ts'],
  ['apps/web/src/features/transactions/probe.ts', '../../data/rows.ts'],
  ['apps/web/src/features/transactions/probe.ts', './layout.ts'],
  ['apps/web/src/data/probe.ts', '@sealbook/crypto'],
  ['packages/crypto-router/src/probe.ts', '@sealbook/crypto'],
  ['packages/crypto/src/probe.test.ts', 'node:crypto'],
]

describe('borders between packages and layers', () => {
  it.each(forbidden)('%s', async (_name, file, specifier, message) => {
    expect(await judge(file, specifier)).toEqual([expect.stringMatching(message)])
  })

  it.each([
    "'INSERT INTO accounts (id) VALUES (1)'",
    "'INSERT OR REPLACE INTO accounts (id) VALUES (1)'",
    '`UPDATE "${table}" SET name = ?`',
    "'DELETE FROM accounts'",
  ])('no row is written past the gate: %s', async (statement) => {
    const text = `export const sql = (table) => [table, ${statement}]\n`
    for (const place of ['features/accounts/probe.ts', 'data/probe.ts', 'app/probe.ts']) {
      expect(await judgeText(`apps/web/src/${place}`, text)).toEqual([
        expect.stringMatching(/data\/rows\.ts/),
      ])
    }
    expect(await judgeText('apps/web/src/data/rows.ts', text)).toEqual([])
    expect(await judgeText('apps/web/src/data/probe.test.ts', text)).toEqual([])
  })

  it.each([
    'navigator.language',
    'navigator.languages',
    '(1).toLocaleString()',
    'new Date().toLocaleDateString()',
    "'a'.localeCompare('b')",
    'new Intl.NumberFormat()',
    "new Intl.DateTimeFormat(undefined, { dateStyle: 'short' })",
  ])('no locale is taken past the one place: %s', async (expression) => {
    const text = `export const probe = ${expression}\n`
    expect(await judgeText('apps/web/src/features/accounts/probe.ts', text)).toEqual([
      expect.stringContaining('platform/locale.ts'),
    ])
  })

  it('a locale that was chosen passes', async () => {
    const text = `export const probe = (x) => [new Intl.NumberFormat(x), 'a'.localeCompare('b', x), (1).toLocaleString(x)]\n`
    expect(await judgeText('apps/web/src/ui/probe.ts', text)).toEqual([])
  })

  it('reading rows, and words for a person, are no writing', async () => {
    const text = "export const texts = ['SELECT 1 FROM accounts', 'Update the app', 'Delete it']\n"
    expect(await judgeText('apps/web/src/data/probe.ts', text)).toEqual([])
  })

  it.each(allowed)('%s may import %s', async (file, specifier) => {
    expect(await judge(file, specifier)).toEqual([])
  })
})
