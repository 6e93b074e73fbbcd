import { readdirSync } from 'node:fs'
import js from '@eslint/js'
import { defineConfig } from 'eslint/config'
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript'
import importX from 'eslint-plugin-import-x'
import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

/*
 * Borders. Three kinds, all by pattern: which packages a workspace may name, which layers of an
 * app may see which, and no cycles. scripts/borders.test.ts proves that each of them fires.
 */

const source = (...folders) => folders.map((folder) => `${folder}/src/**/*.{ts,tsx}`)
const devFiles = [
  '**/*.test.{ts,tsx}',
  '**/src/{testing,fixture,golden}/**/*.{ts,tsx}',
  '**/src/testing.ts',
  'packages/bench/**/*.{ts,tsx}',
]

const insides = {
  group: ['@sealbook/*/src', '@sealbook/*/src/**', '**/packages/**', '**/apps/**'],
  message: 'Cross a package border through its exports.',
}
const testing = {
  group: ['@sealbook/testing', '@sealbook/testing/**'],
  message: 'packages/testing is dev only: import it from tests.',
}
const react = {
  group: ['react', 'react/**', 'react-dom', 'react-dom/**', '@powersync/react'],
  message: 'Only apps/web knows the interface.',
}
const node = {
  group: ['node:*'],
  message: 'This package runs in browsers and knows no machine.',
}
const workspacePackages = {
  group: ['@sealbook/*', '@sealbook/*/**'],
  message: 'This package stands alone: it imports no workspace package.',
}
const decryption = {
  group: ['@sealbook/crypto', '@sealbook/crypto-router', '@sealbook/sync-client', 'libsodium*'],
  message: 'Decryption is out of the server’s reach: it never imports crypto or the router.',
}

/** The last matching entry wins, so each one is complete. */
const forbidPackages = (files, ...patterns) => ({
  files: source(...files),
  ignores: devFiles,
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      { patterns: [insides, testing, ...patterns] },
    ],
  },
})

const packageBorders = [
  forbidPackages(['packages/*', 'apps/*']),
  forbidPackages(['packages/*'], react),
  forbidPackages(['packages/{schema,ledger,importers,crypto}'], react, node, workspacePackages),
  forbidPackages(['packages/{crypto-router,sync-client}'], react, node),
  forbidPackages(['packages/pg-runtime'], react, workspacePackages),
  forbidPackages(['packages/sync-engine', 'apps/{server,selfhost}'], react, decryption),
  {
    files: devFiles,
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [insides] }] },
  },
  {
    // Tests of the server may not decrypt either: what it stores is opaque to them.
    files: source('apps/server').map((file) => file.replace('*.{', '*.test.{')),
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', { patterns: [insides, decryption] }],
    },
  },
]

/** What of one app may not import what; `from` sees everything that is not listed. */
const layer = (app, from, target, message) => ({
  target: `./${app}/src/${from}/**/*`,
  from: `./${app}/src/${target}/**/*`,
  message,
})
const webOrder = 'app -> features -> data, ui.'
const serverOrder = 'app -> features -> plugins.'
const layers = [
  layer('apps/web', '{features,data,ui}', 'app', webOrder),
  layer('apps/web', '{data,ui}', 'features', webOrder),
  layer('apps/web', 'ui', 'data', 'ui knows no data source.'),
  layer('apps/web', 'data', 'ui', webOrder),
  layer('apps/server', 'plugins', 'features', serverOrder),
  ...['apps/web', 'apps/server'].flatMap(isolateFeatures),
]

/** One feature never imports another: `app` composes them. */
function isolateFeatures(app) {
  const folder = `${app}/src/features`
  return readdirSync(`${import.meta.dirname}/${folder}`).map((feature) => ({
    target: `./${folder}/${feature}/**/*`,
    from: `./${folder}/!(${feature})/**/*`,
    message: 'Features do not import each other; app composes them.',
  }))
}

const layerBorders = [
  {
    files: source('apps/*'),
    rules: {
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones: layers }],
    },
  },
  {
    files: source('apps/web').map((file) => file.replace('src/', 'src/ui/')),
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            insides,
            { group: ['@sealbook/*', '@powersync/*'], message: 'ui knows no data source.' },
          ],
        },
      ],
    },
  },
]

/** The browser's language may be no valid tag, and `Intl` throws on it. */
const localeAnswer = 'Take the locale from apps/web/src/platform/locale.ts, countText for a count.'
const localeGate = [
  `MemberExpression[object.name='navigator'][property.name=/^languages?$/]`,
  `CallExpression[arguments.length=0][callee.property.name=/^toLocale/]`,
  `CallExpression[arguments.length=1][callee.property.name='localeCompare']`,
  `NewExpression[callee.object.name='Intl']:matches([arguments.length=0], [arguments.0.type='Identifier'][arguments.0.name='undefined'])`,
].map((selector) => ({ selector, message: localeAnswer }))

/** SQL that writes rows is in one file, where packages/ledger checks them first. */
const writingSql = String.raw`/\b(INSERT\s(OR\s\w+\s)?INTO|REPLACE\sINTO|UPDATE\s|DELETE\sFROM)/`
const noWritingSql = [
  `Literal[value=${writingSql}]`,
  `TemplateElement[value.raw=${writingSql}]`,
].map((selector) => ({ selector, message: 'Rows are written by apps/web/src/data/rows.ts.' }))
/** One rule, as the last entry that matches a file is the one in force. */
const syntaxGates = [
  {
    files: source('apps/web'),
    ignores: ['**/*.test.ts'],
    rules: { 'no-restricted-syntax': ['error', ...localeGate] },
  },
  {
    files: source('apps/web'),
    ignores: [
      ...devFiles,
      'apps/web/src/data/rows.ts',
      // Sums and an index that are kept beside the rows.
      'apps/web/src/data/day-totals.ts',
      'apps/web/src/data/{misfits,search-index,stale-transactions}.ts',
    ],
    rules: { 'no-restricted-syntax': ['error', ...localeGate, ...noWritingSql] },
  },
]

const nodeGlobals = Object.fromEntries(
  [
    ...['process', 'console', 'Buffer', 'URL', 'performance', 'fetch', 'AbortSignal'],
    ...['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
  ].map((name) => [name, 'readonly']),
)

export default defineConfig(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '**/.data/**',
      '**/.cache/**',
      '**/test-results/**',
      '**/playwright-report/**',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  { files: ['**/*.{js,mjs}'], languageOptions: { globals: nodeGlobals } },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [...tseslint.configs.recommendedTypeChecked, importX.flatConfigs.typescript],
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['vitest.config.ts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    rules: {
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  { files: source('apps/web'), extends: [reactHooks.configs.flat['recommended-latest']] },
  // A test prints its seed.
  { files: ['apps/web/e2e/**', '**/*.{test,case}.ts'], rules: { 'no-console': 'off' } },
  ...packageBorders,
  ...layerBorders,
  ...syntaxGates,
)
