import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { openDeviceEntries } from '../data/device-entries.ts'
import { createDeviceStore } from '../data/device-store.ts'
import { startAnewWhenKept } from '../data/page-life.ts'
import { StartUp } from './start-up.tsx'
import { startApp } from './start-state.ts'
import '../ui/theme.css'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')

startAnewWhenKept()
const start = startApp({
  scope: globalThis,
  readStorage: () => createDeviceStore(openDeviceEntries()).readUser(),
  // All that can be large or fail comes after what can say so.
  loadFiles: async () => {
    const { openApp } = await import('./open-app.tsx')
    return { begin: openApp }
  },
  later: (run, ms) => setTimeout(run, ms),
})

// From here on public/start-watch.js is silent.
document.documentElement.dataset['started'] = ''
createRoot(root).render(
  <StrictMode>
    <StartUp start={start} />
  </StrictMode>,
)
