import type { FormEvent, ReactNode } from 'react'
import { Dialog, DialogBody, DialogFooter } from './dialog.tsx'
import { Notice } from './surface.tsx'

/**
 * One thing to fill in. Enter in any field sends it, as the submit button in `buttons` does.
 * It is open for as long as it is rendered.
 */
export function FormDialog({
  title,
  failure,
  buttons,
  isChanged,
  onSubmit,
  onClose,
  children,
}: {
  title: string
  /** Why it was not saved, where no field is to blame. */
  failure: string | null
  buttons: ReactNode
  /** Something was entered: it is asked before it goes. */
  isChanged: boolean
  onSubmit: () => void
  onClose: () => void
  children: ReactNode
}) {
  return (
    <Dialog
      title={title}
      isOpen
      isChanged={isChanged}
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose()
      }}
    >
      <form
        noValidate
        className="flex min-h-0 flex-col"
        onSubmit={(event: FormEvent) => {
          event.preventDefault()
          onSubmit()
        }}
      >
        <DialogBody>
          {children}
          {failure !== null && (
            <Notice tone="danger" isAlert>
              {failure}
            </Notice>
          )}
        </DialogBody>
        <DialogFooter>{buttons}</DialogFooter>
      </form>
    </Dialog>
  )
}
