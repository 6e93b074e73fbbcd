import type { ReactNode } from 'react'
import {
  Collection,
  Header,
  ListBox,
  ListBoxItem,
  ListBoxSection,
  Popover,
  type ListBoxItemProps,
} from 'react-aria-components'
import { Check } from 'lucide-react'
import { cx } from './cx.ts'

/** One choice of a Select or ComboBox. */
export interface Option {
  readonly id: string
  readonly label: string
  readonly detail?: string
  readonly icon?: ReactNode
  readonly isDisabled?: boolean
}

/** Choices under a heading. */
export interface OptionGroup {
  readonly id: string
  readonly heading: string
  readonly options: readonly Option[]
}

export const floatClass =
  'rounded-lg bg-raised text-ink shadow-float outline-none data-entering:animate-pop-in data-exiting:animate-pop-out'

const rowClass =
  'flex min-h-11 cursor-pointer items-center gap-2.5 rounded-md px-3 py-2 text-base outline-none data-focused:bg-hover data-hovered:bg-hover data-disabled:cursor-default data-disabled:opacity-45'

/** What can be chosen: flat, or under headings. */
export interface OptionChoices {
  options?: readonly Option[] | undefined
  groups?: readonly OptionGroup[] | undefined
}

/** Under the box of a Select or ComboBox, as wide as it. */
export function OptionPopover({
  options,
  groups,
  empty,
}: OptionChoices & { empty?: string | undefined }) {
  return (
    <Popover offset={4} className={cx(floatClass, 'w-(--trigger-width) min-w-52')}>
      <OptionList options={options} groups={groups} empty={empty} />
    </Popover>
  )
}

function OptionList({ options, groups, empty }: OptionChoices & { empty: string | undefined }) {
  const className = 'max-h-80 overflow-y-auto overscroll-contain p-1.5 outline-none'
  const renderEmpty = () => (
    <p className="px-3 py-2.5 text-sm text-ink-soft">{empty ?? 'Nothing here'}</p>
  )
  if (groups === undefined) {
    return (
      <ListBox items={options ?? []} className={className} renderEmptyState={renderEmpty}>
        {(option: Option) => <OptionRow option={option} />}
      </ListBox>
    )
  }
  return (
    <ListBox items={groups} className={className} renderEmptyState={renderEmpty}>
      {(group: OptionGroup) => (
        <ListBoxSection id={group.id}>
          <Header className="px-3 pt-3 pb-1 text-xs font-semibold text-ink-faint">
            {group.heading}
          </Header>
          <Collection items={group.options}>{(option) => <OptionRow option={option} />}</Collection>
        </ListBoxSection>
      )}
    </ListBox>
  )
}

function OptionRow({ option, ...rest }: { option: Option } & Partial<ListBoxItemProps>) {
  return (
    <ListBoxItem
      {...rest}
      id={option.id}
      textValue={option.label}
      {...(option.isDisabled === true ? { isDisabled: true } : {})}
      className={rowClass}
    >
      {({ isSelected }) => (
        <>
          {option.icon}
          <span className="min-w-0 grow">
            <span className="block truncate">{option.label}</span>
            {option.detail !== undefined && (
              <span className="block truncate text-sm text-ink-soft">{option.detail}</span>
            )}
          </span>
          <Check
            className={cx('size-4.5 shrink-0 text-accent-ink', !isSelected && 'invisible')}
            aria-hidden
          />
        </>
      )}
    </ListBoxItem>
  )
}
