import type { ReactNode } from 'react'
import {
  Button as AriaButton,
  Link as AriaLink,
  type ButtonProps as AriaButtonProps,
  type LinkProps as AriaLinkProps,
} from 'react-aria-components'
import { cx } from './cx.ts'
import { Spinner } from './progress.tsx'
import { Tooltip } from './tooltip.tsx'

export type ButtonVariant = 'primary' | 'secondary' | 'ghost' | 'danger' | 'danger-ghost'
export type ButtonSize = 'md' | 'lg' | 'sm'

const shape =
  'relative inline-flex shrink-0 items-center justify-center gap-2 rounded-md font-medium whitespace-nowrap select-none cursor-pointer transition-[background-color,border-color,color,scale] duration-150 ease-out data-pressed:scale-[0.98] data-disabled:cursor-default data-disabled:opacity-50'

const variants: Record<ButtonVariant, string> = {
  primary:
    'bg-accent text-on-accent shadow-button data-hovered:bg-accent-strong data-pressed:bg-accent-strong',
  secondary:
    'bg-raised text-ink border border-line shadow-[0_1px_2px_var(--lift-1)] data-hovered:border-line-strong data-pressed:bg-hover',
  ghost: 'text-ink-soft data-hovered:bg-hover data-hovered:text-ink data-pressed:bg-hover',
  danger:
    'bg-danger text-on-danger shadow-button data-hovered:bg-danger-strong data-pressed:bg-danger-strong',
  'danger-ghost': 'text-danger data-hovered:bg-danger-soft data-pressed:bg-danger-soft',
}

/** `sm` is for desktop rows: it keeps a 44 px target by an invisible margin. */
const sizes: Record<ButtonSize, string> = {
  sm: 'h-9 px-3 text-sm after:absolute after:inset-x-0 after:-inset-y-1',
  md: 'h-11 px-4 text-base',
  lg: 'h-12 px-6 text-md',
}

function buttonClass(variant: ButtonVariant = 'secondary', size: ButtonSize = 'md'): string {
  return cx(shape, variants[variant], sizes[size])
}

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'style' | 'children'> {
  variant?: ButtonVariant
  size?: ButtonSize
  icon?: ReactNode
  className?: string
  children: ReactNode
}

/** A press. `isPending` keeps the width, shows a spinner and swallows presses. */
export function Button({ variant, size, icon, className, children, ...rest }: ButtonProps) {
  return (
    <AriaButton {...rest} className={cx(buttonClass(variant, size), className)}>
      {({ isPending }) => (
        <>
          {isPending && (
            <span className="absolute inset-0 grid place-items-center">
              <Spinner label="Working" />
            </span>
          )}
          <span className={cx('inline-flex items-center gap-2', isPending && 'invisible')}>
            {icon}
            {children}
          </span>
        </>
      )}
    </AriaButton>
  )
}

export interface IconButtonProps extends Omit<
  AriaButtonProps,
  'className' | 'style' | 'children' | 'aria-label'
> {
  /** Accessible name, shown as a tooltip too. */
  label: string
  icon: ReactNode
  variant?: ButtonVariant
  className?: string
}

/** A 44 px square with only an icon; its label is read out and shown on hover. */
export function IconButton({
  label,
  icon,
  variant = 'ghost',
  className,
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip text={label}>
      <AriaButton
        {...rest}
        aria-label={label}
        className={cx(shape, variants[variant], 'size-11', className)}
      >
        {icon}
      </AriaButton>
    </Tooltip>
  )
}

export interface LinkButtonProps extends Omit<AriaLinkProps, 'className' | 'style' | 'children'> {
  variant?: ButtonVariant
  size?: ButtonSize
  icon?: ReactNode
  className?: string
  children: ReactNode
}

/** Looks like a button, goes somewhere. Client-side through the RouterProvider in `app`. */
export function LinkButton({ variant, size, icon, className, children, ...rest }: LinkButtonProps) {
  return (
    <AriaLink {...rest} className={cx(buttonClass(variant, size), className)}>
      {icon}
      {children}
    </AriaLink>
  )
}

export interface TextLinkProps {
  /** Somewhere to go; with `onPress` instead it is a button that reads like a link. */
  href?: string
  onPress?: () => void
  className?: string
  children: ReactNode
}

/** A link, or something to do, inside running text. */
export function TextLink({ href, onPress, className, children }: TextLinkProps) {
  const look = cx(
    'cursor-pointer rounded-sm font-medium text-accent-ink underline decoration-accent-ink/35 underline-offset-3 transition-colors data-hovered:decoration-accent-ink',
    className,
  )
  if (href === undefined) {
    return (
      <AriaButton {...(onPress === undefined ? {} : { onPress })} className={look}>
        {children}
      </AriaButton>
    )
  }
  return (
    <AriaLink href={href} className={look}>
      {children}
    </AriaLink>
  )
}
