import type { DatabaseCause } from '../data/session-types.ts'
import type { StartWords } from './start-words.ts'

/** What a person is told where the key is right and the ledger's file does not open. */
export function unopenedWords(cause: DatabaseCause): StartWords {
  switch (cause) {
    case 'full':
      return {
        title: 'No room is left on this device',
        text: 'Opening your ledger takes some room, and the browser has none left. Your ledger’s file is still there.',
        help: [
          'Free some space on the device, for instance by emptying the downloads and the bin.',
          'Do not clear the browser’s data for this site: your ledger is in it.',
        ],
      }
    case 'busy':
      return {
        title: 'Your ledger is in use elsewhere',
        text: 'Another tab or window of this browser holds the ledger’s file and does not give it back.',
        help: [
          'Close the other tabs and windows of Sealbook.',
          'If that does not help, close the whole browser and open it again.',
        ],
      }
    case 'refused':
      return {
        title: 'The browser does not open your ledger',
        text: 'Your ledger’s file is in the browser’s private storage for this site, and the browser refuses to open it.',
        help: [
          'Allow this site to save data: in the browser’s settings, under cookies or site data.',
          'If this is a private window, open Sealbook in a normal one.',
          'Update the browser. If you have changed its version or its profile, go back to the one that Sealbook was last used in.',
        ],
      }
    case 'damaged':
      return {
        title: 'The ledger’s file is damaged',
        text: 'Your key is right, but the file on this device cannot be read with it. Sealbook has changed nothing in it.',
        help: [
          'Try again: a fault of the disk may pass.',
          'Close all windows of the browser, or restart the device.',
          'Open Sealbook on another device of yours: it has what reached the server.',
        ],
      }
    case 'unknown':
      return {
        title: 'Your ledger did not open',
        text: 'Your key is right, but opening the file on this device failed with an error that Sealbook does not know.',
        help: [
          'Try again.',
          'Close all windows of the browser, or restart the device.',
          'If it happens again, please report it with the details below.',
        ],
      }
  }
}
