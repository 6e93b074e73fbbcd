import { Monitor, Moon, Sun } from 'lucide-react'
import { Segmented } from '../../ui/segmented.tsx'
import { Card } from '../../ui/surface.tsx'
import { useTheme, type ThemeChoice } from '../../ui/theme.ts'
import { Row } from './row.tsx'

const choices = [
  { id: 'system', label: 'System', icon: <Monitor className="size-4" aria-hidden /> },
  { id: 'light', label: 'Light', icon: <Sun className="size-4" aria-hidden /> },
  { id: 'dark', label: 'Dark', icon: <Moon className="size-4" aria-hidden /> },
] as const

export function AppearanceCard() {
  const [theme, setTheme] = useTheme()
  return (
    <Card flush>
      <Row title="Theme">
        <Segmented<ThemeChoice>
          label="Theme"
          options={choices}
          value={theme}
          onChange={setTheme}
          className="w-full tab:w-84"
        />
      </Row>
    </Card>
  )
}
