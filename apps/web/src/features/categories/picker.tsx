import type { ReactNode } from 'react'
import { Label, Radio, RadioGroup } from 'react-aria-components'

/** A grid of pictures of which one is chosen; each has a name that is read out. */
export function Picker<Id extends string>({
  label,
  ids,
  value,
  onChange,
  render,
}: {
  label: string
  ids: readonly Id[]
  value: string
  onChange: (id: Id) => void
  render: (id: Id) => ReactNode
}) {
  return (
    <RadioGroup
      value={value}
      onChange={(id) => onChange(id as Id)}
      orientation="horizontal"
      className="flex flex-col gap-1.5"
    >
      <Label className="text-sm font-medium">{label}</Label>
      <div className="-mx-1 grid grid-cols-[repeat(auto-fill,minmax(2.75rem,1fr))] gap-1">
        {ids.map((id) => (
          <Radio
            key={id}
            value={id}
            aria-label={spoken(id)}
            className="relative grid size-11 cursor-pointer place-items-center rounded-md transition-shadow data-focus-visible:outline-2 data-focus-visible:outline-offset-2 data-focus-visible:outline-accent data-hovered:bg-hover data-selected:shadow-[inset_0_0_0_2px_var(--accent)]"
          >
            {render(id)}
          </Radio>
        ))}
      </div>
    </RadioGroup>
  )
}

function spoken(id: string): string {
  return `${id.charAt(0).toUpperCase()}${id.slice(1)}`
}
