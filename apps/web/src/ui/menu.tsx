import type { ReactElement, ReactNode } from 'react'
import { Menu as AriaMenu, MenuItem, MenuTrigger, Popover } from 'react-aria-components'
import { cx } from './cx.ts'
import { floatClass } from './option-list.tsx'

/** One entry of a Menu. */
export interface MenuAction {
  readonly id: string
  readonly label: string
  readonly icon?: ReactNode
  readonly tone?: 'neutral' | 'danger'
  readonly isDisabled?: boolean
  readonly onAction: () => void
}

/** Things to do with one object. `children` is the button that opens it. */
export function Menu({
  label,
  actions,
  children,
}: {
  label: string
  actions: readonly MenuAction[]
  children: ReactElement
}) {
  return (
    <MenuTrigger>
      {children}
      <Popover placement="bottom end" offset={4} className={cx(floatClass, 'min-w-48')}>
        <AriaMenu aria-label={label} items={actions} className="p-1.5 outline-none">
          {(action: MenuAction) => (
            <MenuItem
              id={action.id}
              textValue={action.label}
              onAction={action.onAction}
              {...(action.isDisabled === true ? { isDisabled: true } : {})}
              className={cx(
                'flex min-h-11 cursor-pointer items-center gap-2.5 rounded-md px-3 text-base outline-none data-focused:bg-hover data-disabled:opacity-45 [&>svg]:size-4.5',
                action.tone === 'danger' && 'text-danger data-focused:bg-danger-soft',
              )}
            >
              {action.icon}
              {action.label}
            </MenuItem>
          )}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  )
}
