import type { ReactNode } from 'react'
import { Lock } from 'lucide-react'
import { useSession } from '../../data/session-context.tsx'
import { Button } from '../../ui/button.tsx'
import { Page, PageHeader, Section } from '../../ui/page.tsx'
import { Card } from '../../ui/surface.tsx'
import { AboutCard } from './about.tsx'
import { AppearanceCard } from './appearance.tsx'
import { LeftLedgers } from './left-ledgers.tsx'
import { Row } from './row.tsx'
import { SessionsCard } from './sessions.tsx'
import { SignOutButton } from './sign-out.tsx'

/** Account, security, looks and storage. `changeSecretKey` is the button that does it. */
export function SettingsScreen({ changeSecretKey }: { changeSecretKey: ReactNode }) {
  const session = useSession()
  const email = session.state.kind === 'open' ? session.state.user.email : ''
  return (
    <Page width="narrow">
      <PageHeader title="Settings" />
      <Section title="Account">
        <Card flush>
          <Row title={email} detail="The account that your devices share.">
            <SignOutButton />
          </Row>
        </Card>
      </Section>
      <Section title="Security">
        <Card flush>
          <Row title="Lock" detail="Forgets the key on this device until you enter it again.">
            <Button
              icon={<Lock className="size-4" aria-hidden />}
              onPress={() => void session.lock()}
            >
              Lock now
            </Button>
          </Row>
          <Row title="Secret key" detail="Sets a new one. Your recovery key stays valid.">
            {changeSecretKey}
          </Row>
        </Card>
      </Section>
      <Section title="Where you are signed in">
        <SessionsCard />
      </Section>
      <Section title="Appearance">
        <AppearanceCard />
      </Section>
      <Section title="This device">
        <AboutCard />
      </Section>
      <LeftLedgers />
    </Page>
  )
}
