import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'

/** SQLite with its ciphers is the largest file: everything is kept for offline use. */
const largestFileBytes = 8 * 1024 * 1024
/** A running `npm start`, for `vite dev`. */
const backend = process.env['SEALBOOK_ORIGIN'] ?? 'http://localhost:4173'
const serverPaths = ['/api', '/powersync', '/.well-known']

export default defineConfig({
  plugins: [
    react(),
    tailwindcss(),
    VitePWA({
      registerType: 'prompt',
      injectRegister: false,
      includeManifestIcons: false,
      manifest: {
        id: '/',
        name: 'Sealbook',
        short_name: 'Sealbook',
        description: 'Your money, sealed: a private ledger that works offline.',
        lang: 'en',
        start_url: '/',
        scope: '/',
        display: 'standalone',
        background_color: '#f8f5f0',
        theme_color: '#005740',
        categories: ['finance', 'productivity'],
        icons: [
          { src: 'icons/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: 'icons/icon-512.png', sizes: '512x512', type: 'image/png' },
          {
            src: 'icons/icon-maskable-512.png',
            sizes: '512x512',
            type: 'image/png',
            purpose: 'maskable',
          },
        ],
      },
      workbox: {
        globPatterns: ['**/*.{js,css,html,wasm,woff2,svg,png,webmanifest}'],
        // SQLite without ciphers, which @powersync/web brings along: never loaded here.
        globIgnores: ['**/wa-sqlite-*'],
        maximumFileSizeToCacheInBytes: largestFileBytes,
        navigateFallback: '/index.html',
        navigateFallbackDenylist: serverPaths.map((path) => new RegExp(`^${escape(path)}(/|$)`)),
        cleanupOutdatedCaches: true,
        // The first load is then complete: what it loads later comes from the cache too.
        clientsClaim: true,
        inlineWorkboxRuntime: true,
      },
    }),
  ],
  worker: { format: 'es' },
  // Vite would bundle SQLite's Workers apart from the wasm beside them.
  optimizeDeps: { exclude: ['@powersync/web', '@journeyapps/wa-sqlite'] },
  build: {
    target: 'es2022',
    // The content security policy allows no data: URLs.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1_500,
  },
  server: {
    port: 5173,
    proxy: Object.fromEntries(serverPaths.map((path) => [path, { target: backend }])),
  },
})

function escape(path: string): string {
  return path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
