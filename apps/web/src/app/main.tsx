import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { startSession } from '../data/start-session.ts'
import { App } from './app.tsx'
import '../ui/theme.css'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')

createRoot(root).render(
  <StrictMode>
    <App store={startSession()} />
  </StrictMode>,
)
