import { useMemo, useState, type FormEvent } from 'react'
import { Check, CircleAlert, TriangleAlert } from 'lucide-react'
import { ToggleButton } from 'react-aria-components'
import { databaseFailureSentence } from '../../data/database-failure.ts'
import { listCurrencies } from '../../data/currencies.ts'
import { enteredName } from '../../data/entered-text.ts'
import { serverFailureSentence } from '../../data/server-failure.ts'
import { useSession } from '../../data/session-context.tsx'
import type { CreateWorkspaceError } from '../../data/session-types.ts'
import { deviceLocale } from '../../platform/locale.ts'
import { Button } from '../../ui/button.tsx'
import { ComboBox } from '../../ui/combo-box.tsx'
import { GateFrame } from '../../ui/gate-frame.tsx'
import { IconTile } from '../../ui/icon-tile.tsx'
import { Notice } from '../../ui/surface.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { guessCurrency } from './currencies.ts'
import { starterCategories } from './starter-categories.ts'

/** Step 4: what the ledger is called, its currency, and categories to start with. */
export function WorkspaceScreen({ justSetUp }: { justSetUp: boolean }) {
  const session = useSession()
  const locale = deviceLocale()
  const currencies = useMemo(
    () =>
      listCurrencies(locale).map(({ code, name }) => ({ id: code, label: `${name} (${code})` })),
    [locale],
  )
  const [name, setName] = useState('Personal')
  const [currency, setCurrency] = useState<string | null>(() => guessCurrency(locale))
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const [isPending, setPending] = useState(false)
  const [wasSent, setSent] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)

  const enteredAs = enteredName(name)
  const create = async (code: string, workspaceName: string) => {
    setPending(true)
    setFailure(null)
    const result = await session.createWorkspace({
      name: workspaceName,
      currency: code,
      starterCategories: starterCategories.filter((category) => !left.has(category.name)),
    })
    // On success the session's state takes this screen away.
    if (!result.ok) setFailure(workspaceSentence(result.error))
    setPending(false)
  }
  const send = (event: FormEvent) => {
    event.preventDefault()
    setSent(true)
    if (enteredAs === null || currency === null || isPending) return
    void create(currency, enteredAs)
  }
  const toggle = (category: string, isChosen: boolean) => {
    const next = new Set(left)
    if (isChosen) next.delete(category)
    else next.add(category)
    setLeft(next)
  }

  return (
    <GateFrame
      title="Create your workspace"
      step={{ index: 4, count: 4 }}
      lede="A workspace is one ledger: its accounts, its categories, one main currency."
    >
      <form className="flex flex-col gap-5" onSubmit={send} noValidate>
        {failure !== null && (
          <Notice tone="danger" isAlert icon={<CircleAlert aria-hidden />}>
            {failure}
          </Notice>
        )}
        {!justSetUp && (
          <Notice tone="warning" icon={<TriangleAlert aria-hidden />}>
            <strong className="font-semibold">The server lists no workspace for you.</strong> If you
            have a ledger on another device, do not create one here: open Sealbook on that device
            first.
          </Notice>
        )}
        <TextField
          label="Name"
          value={name}
          onChange={setName}
          maxLength={100}
          autoComplete="off"
          error={wasSent && enteredAs === null ? 'Give the workspace a name.' : undefined}
        />
        <ComboBox
          label="Currency"
          options={currencies}
          value={currency}
          onChange={setCurrency}
          error={wasSent && currency === null ? 'Choose a currency.' : undefined}
        />
        <fieldset aria-label="Starter categories">
          <p className="text-sm font-medium">Starter categories</p>
          <p className="mt-0.5 text-sm text-ink-soft">Leave out what you do not need.</p>
          <div className="mt-3 flex flex-wrap gap-2">
            {starterCategories.map((category) => (
              <ToggleButton
                key={category.name}
                isSelected={!left.has(category.name)}
                onChange={(isChosen) => toggle(category.name, isChosen)}
                className="group flex min-h-11 cursor-pointer items-center gap-2 rounded-full border border-line-strong/55 py-1 pr-3.5 pl-1.5 text-sm font-medium text-ink-soft transition-colors duration-150 data-hovered:border-line-strong data-selected:border-transparent data-selected:bg-surface data-selected:text-ink data-selected:shadow-card"
              >
                <IconTile
                  icon={category.icon}
                  colour={category.colour}
                  size="sm"
                  className="rounded-full! opacity-45 group-data-selected:opacity-100"
                />
                {category.name}
                <Check
                  className="size-3.5 text-accent-ink opacity-0 group-data-selected:opacity-100"
                  aria-hidden
                />
              </ToggleButton>
            ))}
          </div>
        </fieldset>
        <Button type="submit" variant="primary" size="lg" isPending={isPending} className="mt-1">
          Create workspace
        </Button>
      </form>
    </GateFrame>
  )
}

function workspaceSentence(error: CreateWorkspaceError): string {
  switch (error.kind) {
    case 'invalid':
      return error.column === 'name' ? 'This name is too long.' : 'This cannot be stored.'
    case 'too-many-workspaces':
      return 'You have as many workspaces as this server allows. Ask who runs it for more.'
    case 'has-past':
      return 'This device holds a ledger of yours already. Nothing was changed.'
    case 'other-keys':
      return 'The ledger on this device belongs to other keys of your account. Nothing was changed.'
    case 'newer-version':
      return 'A newer version of Sealbook has opened this ledger. Reload the page.'
    case 'database-unreadable':
      return databaseFailureSentence(error.cause)
    case 'offline':
    case 'signed-out':
    case 'too-many-requests':
    case 'server':
      return serverFailureSentence(error)
  }
}
