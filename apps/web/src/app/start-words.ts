import type { StartCause, StartStep } from './start-state.ts'

export interface StartWords {
  readonly title: string
  /** What is the matter, and what it means. */
  readonly text: string
  /** What helps, likeliest first. */
  readonly help: readonly string[]
}

const current = 'a current Chrome, Edge, Firefox or Safari'

/** What a person is told where the app cannot start. */
export function causeWords(cause: StartCause): StartWords {
  switch (cause.kind) {
    case 'insecure-address':
      return {
        title: 'This address is not secure',
        text: 'Browsers allow encryption only on https:// addresses, and on localhost. Without it Sealbook could keep nothing secret, so it does not start.',
        help: [
          'Open the same address with https:// in front.',
          'If you run the server yourself, put a certificate in front of it and set PUBLIC_URL.',
        ],
      }
    case 'old-browser':
      return {
        title: 'This browser is too old',
        text: `Sealbook needs ${listText(cause.missing)}, which this browser does not have.`,
        help: [
          'Update the browser. On an iPhone or iPad that is a system update.',
          `Or open Sealbook in ${current}.`,
        ],
      }
    case 'storage-refused':
      return {
        title: 'The browser keeps nothing for this site',
        text: 'Sealbook keeps your ledger, encrypted, in the browser’s storage for this site. The browser refuses to open it.',
        help: [
          'Allow this site to save data: in the browser’s settings, under cookies or site data.',
          'Private windows often keep nothing. Open Sealbook in a normal one.',
          'An extension that blocks cookies or trackers may be in the way. Make an exception for this site.',
        ],
      }
    case 'storage-full':
      return {
        title: 'No room is left on this device',
        text: 'The browser has no room to open its storage for this site.',
        help: [
          'Free some space on the device, for instance by emptying the downloads and the bin.',
          'Then try again. Do not clear the browser’s data for this site: your ledger is in it.',
        ],
      }
    case 'storage-damaged':
      return {
        title: 'The browser’s storage does not open',
        text: 'The browser reports a fault in what it keeps for this site. Sealbook has changed nothing in it.',
        help: [
          'Close all windows of the browser, open it again, and try again. This helps most often.',
          'Restart the device, and check that its disk is not full.',
          'If it stays so, open Sealbook on another device first, and look there whether everything has arrived, before you clear anything here.',
        ],
      }
    case 'files-missing':
      return {
        title: 'Sealbook did not load',
        text: 'Some of the app’s files did not come.',
        help: [
          'Check the network, then try again.',
          'An extension of the browser may be holding files back. Make an exception for this site.',
        ],
      }
    case 'cryptography-failed':
      return {
        title: 'The encryption does not start',
        text: 'This browser did not run the part of Sealbook that seals and opens your data.',
        help: [
          'Close other tabs and apps, which frees memory, and try again.',
          'A mode of heightened security, such as Lockdown Mode, can forbid WebAssembly. Make an exception for this site.',
          `Or open Sealbook in ${current}.`,
        ],
      }
    case 'fault':
      return {
        title: 'Something went wrong',
        text: 'Sealbook met an error that it does not know and has stopped here. What you had typed and not saved may be gone.',
        help: [
          'Try again: the app then starts anew.',
          'If it happens again, please report it with the details below.',
        ],
      }
  }
}

/** What is waited for, and what helps, when a start takes long. It goes on by itself. */
export function slowWords(step: StartStep): StartWords {
  switch (step) {
    case 'storage':
      return {
        title: 'Waiting for the browser’s storage',
        text: 'The browser has not yet opened what it keeps for this site. Sealbook opens by itself once it does.',
        help: [
          'Close other tabs and windows of Sealbook: one of them may be holding it.',
          'If nothing moves, close the whole browser and open it again.',
        ],
      }
    case 'files':
      return {
        title: 'Waiting for the app’s files',
        text: 'They are taking long to come. Sealbook opens by itself once they are here.',
        help: ['Check the network.', 'If nothing moves, try again.'],
      }
    case 'cryptography':
      return {
        title: 'Waiting for the encryption',
        text: 'The part of Sealbook that seals and opens your data takes long to start. It goes on by itself.',
        help: ['Close other tabs and apps, which frees memory.', 'If nothing moves, try again.'],
      }
  }
}

function listText(names: readonly string[]): string {
  return names.length < 2
    ? names.join('')
    : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}
