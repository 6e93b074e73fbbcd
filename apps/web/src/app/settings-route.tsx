import { ChangeSecretKey } from '../features/keys/change-secret-key.tsx'
import { SettingsScreen } from '../features/settings/screen.tsx'

/** Settings, with what belongs to other features put in. */
export function SettingsRoute() {
  return <SettingsScreen changeSecretKey={<ChangeSecretKey />} />
}
