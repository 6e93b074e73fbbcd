import js from '@eslint/js'
import importX from 'eslint-plugin-import-x'
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript'
import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

/** Workspace packages that a folder may import, by pattern; everything else is a border crossed. */
const forbid = (...patterns) => ({
  'no-restricted-imports': ['error', { patterns }],
})
const noWorkspacePackages = {
  group: ['@sealbook/*'],
  message: 'schema, ledger, crypto and pg-runtime stand alone.',
}
const noInsides = {
  group: ['@sealbook/*/src/*', '**/packages/**', '**/apps/**'],
  message: 'Cross a package border through its exports.',
}
const noDecryption = {
  group: ['@sealbook/crypto', '@sealbook/crypto/*', '@sealbook/crypto-router', 'libsodium*'],
  message: 'The server never imports decryption.',
}
const noReact = { group: ['react', 'react-dom', 'react/*'], message: 'Packages know no interface.' }
const testingIsDevOnly = {
  group: ['@sealbook/testing'],
  message: 'Dev only: import it from tests.',
}

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '.data/**',
      '**/.cache/**',
      'packages/bench/results/**',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    rules: {
      'import-x/no-cycle': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
      },
    },
  },
  {
    files: ['packages/{schema,ledger,crypto,pg-runtime}/src/**/*.ts'],
    rules: forbid(noInsides, noReact, noWorkspacePackages),
  },
  {
    files: ['packages/{crypto-router,sync-client}/src/**/*.ts'],
    rules: forbid(noInsides, noReact, testingIsDevOnly),
  },
  {
    files: ['packages/sync-engine/src/**/*.ts'],
    rules: forbid(noInsides, noReact, noDecryption, testingIsDevOnly),
  },
  {
    files: ['apps/{server,selfhost}/src/**/*.ts'],
    rules: forbid(noInsides, noReact, noDecryption, testingIsDevOnly),
  },
  {
    files: [
      'packages/{crypto-router,sync-client,sync-engine}/src/**/*.test.ts',
      'apps/{server,selfhost}/src/**/*.test.ts',
    ],
    rules: forbid(noInsides, noReact),
  },
  {
    files: ['apps/web/src/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat['recommended-latest']],
  },
  {
    files: ['apps/web/src/ui/**'],
    rules: forbid(noInsides, {
      group: ['**/data/**', '**/features/**', '**/app/**', '@powersync/*', '@sealbook/*'],
      message: 'ui knows no data source.',
    }),
  },
  {
    files: ['apps/web/src/data/**'],
    rules: forbid(noInsides, {
      group: ['**/features/**', '**/app/**', '**/ui/**'],
      message: 'app -> features -> data, ui.',
    }),
  },
  {
    files: ['apps/web/src/features/**'],
    rules: forbid(noInsides, {
      group: [
        '**/app/**',
        '../../*/*',
        '!../../data/*',
        '!../../ui/*',
        '../../features/**',
        '../!(data|ui)/**',
      ],
      message: 'Features import data and ui; app composes them.',
    }),
  },
)
