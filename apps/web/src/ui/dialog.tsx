import { useState, type ReactNode } from 'react'
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components'
import { X } from 'lucide-react'
import { Button, IconButton } from './button.tsx'
import { cx } from './cx.ts'
import { useHistoryPlace } from './history-place.ts'

export interface DialogProps {
  title: string
  isOpen: boolean
  onOpenChange: (isOpen: boolean) => void
  size?: 'sm' | 'md' | 'lg'
  /** False: only the dialog's own buttons close it, for a step that must not be lost by a tap. */
  isDismissable?: boolean
  /** Something was entered and not saved: Escape, a press outside, Back and Close ask first. */
  isChanged?: boolean
  role?: 'dialog' | 'alertdialog'
  children: ReactNode
}

const widths = { sm: 'tab:max-w-110', md: 'tab:max-w-140', lg: 'tab:max-w-190' }

/**
 * A sheet from below on a phone, a dialog in the middle elsewhere. Focus is kept inside and goes
 * back to where it was. It is a place in the browser's history: Back closes it. Compose with
 * `DialogBody` and `DialogFooter`, inside one form if it is one.
 */
export function Dialog({
  title,
  isOpen,
  onOpenChange,
  size = 'md',
  isDismissable = true,
  isChanged = false,
  role = 'dialog',
  children,
}: DialogProps) {
  const [isAsking, setAsking] = useState(false)
  const leave = () => {
    if (isChanged) setAsking(true)
    else onOpenChange(false)
  }
  useHistoryPlace(isOpen, () => {
    if (isDismissable) leave()
  })
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(opens) => {
        if (!opens) leave()
      }}
      isDismissable={isDismissable}
      isKeyboardDismissDisabled={!isDismissable}
      data-scrim
      className="fixed inset-0 z-40 flex h-(--visual-viewport-height) items-end justify-center bg-scrim data-entering:animate-fade-in data-exiting:animate-fade-out tab:items-center tab:p-6"
    >
      <Modal
        className={cx(
          'flex max-h-[calc(var(--visual-viewport-height)-2rem)] w-full flex-col overflow-hidden rounded-t-2xl bg-surface shadow-float outline-none data-entering:animate-sheet-in data-exiting:animate-sheet-out tab:max-h-full tab:rounded-2xl tab:data-entering:animate-rise-in tab:data-exiting:animate-rise-out',
          widths[size],
        )}
      >
        <AriaDialog role={role} className="flex min-h-0 flex-col outline-none">
          <header className="flex items-center gap-2 pt-3 pr-3 pb-1 pl-5 tab:pt-4 tab:pr-4 tab:pl-7">
            <Heading slot="title" className="grow text-lg font-semibold">
              {title}
            </Heading>
            {isDismissable && (
              <IconButton
                label="Close"
                icon={<X className="size-5" aria-hidden />}
                onPress={leave}
              />
            )}
          </header>
          {children}
          {isAsking && (
            <ConfirmDialog
              title="Discard what you entered?"
              isOpen
              onOpenChange={setAsking}
              cancelLabel="Keep editing"
              confirmLabel="Discard"
              onConfirm={() => {
                setAsking(false)
                onOpenChange(false)
              }}
            >
              It was not saved.
            </ConfirmDialog>
          )}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  )
}

/** The part that scrolls. */
export function DialogBody({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <div
      className={cx('flex min-h-0 flex-col gap-4 overflow-y-auto px-5 py-3 tab:px-7', className)}
    >
      {children}
    </div>
  )
}

/** The buttons, always in sight: the main one last. */
export function DialogFooter({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <footer
      className={cx(
        'flex flex-wrap justify-end gap-2.5 px-5 pt-3 pb-[calc(1.25rem+var(--safe-bottom))] tab:px-7 tab:pb-6',
        className,
      )}
    >
      {children}
    </footer>
  )
}

export interface ConfirmDialogProps {
  title: string
  isOpen: boolean
  onOpenChange: (isOpen: boolean) => void
  confirmLabel: string
  cancelLabel?: string
  tone?: 'danger' | 'neutral'
  isPending?: boolean
  onConfirm: () => void
  children: ReactNode
}

/** Asks before something that cannot be taken back. */
export function ConfirmDialog({
  title,
  isOpen,
  onOpenChange,
  confirmLabel,
  cancelLabel = 'Cancel',
  tone = 'danger',
  isPending = false,
  onConfirm,
  children,
}: ConfirmDialogProps) {
  return (
    <Dialog title={title} isOpen={isOpen} onOpenChange={onOpenChange} size="sm" role="alertdialog">
      <DialogBody className="text-ink-soft">{children}</DialogBody>
      <DialogFooter>
        <Button onPress={() => onOpenChange(false)} autoFocus>
          {cancelLabel}
        </Button>
        <Button
          variant={tone === 'danger' ? 'danger' : 'primary'}
          onPress={onConfirm}
          isPending={isPending}
        >
          {confirmLabel}
        </Button>
      </DialogFooter>
    </Dialog>
  )
}
