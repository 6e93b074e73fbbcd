import { expect, test, type Browser, type Page } from '@playwright/test'
import {
  addAccount,
  addTransaction,
  openTransactions,
  registerPerson,
  startStack,
  testPerson,
  transactionRow,
  unlock,
  waitUntilUpToDate,
  type Stack,
} from '@sealbook/testing/browser'

/*
 * Each environment is made by a script that runs before the app's own, in the page. Where the app
 * can work, the newcomer goes all the way; where it cannot, the cause and what helps are on screen.
 */

let stack: Stack
test.beforeAll(async () => {
  stack = await startStack()
})
test.afterAll(async () => {
  await stack.dispose()
})

const workable: Record<string, () => void> = {
  'no navigator.storage, as in WebKitGTK': () =>
    Object.defineProperty(Navigator.prototype, 'storage', { value: undefined }),
  'the language C, as under a bare locale': () => {
    Object.defineProperty(Navigator.prototype, 'language', { value: 'C' })
    Object.defineProperty(Navigator.prototype, 'languages', { value: ['C'] })
  },
  'no Intl.supportedValuesOf': () =>
    Object.defineProperty(Intl, 'supportedValuesOf', { value: undefined }),
  'no idle callbacks, as in Safari': () =>
    Object.defineProperty(window, 'requestIdleCallback', { value: undefined }),
  'no shared workers, as in Chrome for Android': () =>
    Object.defineProperty(window, 'SharedWorker', { value: undefined }),
  'no localStorage': () =>
    Object.defineProperty(window, 'localStorage', {
      get() {
        throw new DOMException('denied', 'SecurityError')
      },
    }),
}

for (const [index, [name, spoil]] of Object.entries(workable).entries()) {
  test(`a newcomer gets to work with ${name}`, async ({ browser }) => {
    const page = await openPage(browser, spoil)
    const person = { ...testPerson(`environment-${index}`), stayUnlocked: true }
    await registerPerson(page, stack.url, person)
    await keepTransaction(page)
    await page.reload()
    await expect(transactionRow(page, 'Corner shop')).toBeVisible()
    await page.context().close()
  })
}

interface Stopper {
  readonly spoil: () => void
  readonly title: string
  readonly help: RegExp
}

const stopping: Record<string, Stopper> = {
  'site data is blocked': {
    spoil: () => {
      Object.defineProperty(window, 'indexedDB', {
        get() {
          throw new DOMException('denied', 'SecurityError')
        },
      })
    },
    title: 'The browser keeps nothing for this site',
    help: /Allow this site to save data/,
  },
  'there is no IndexedDB': {
    spoil: () => Object.defineProperty(window, 'indexedDB', { value: undefined }),
    title: 'The browser keeps nothing for this site',
    help: /normal one/,
  },
  'the disk is full from the start': {
    spoil: () => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('full', 'QuotaExceededError')
      }
    },
    title: 'No room is left on this device',
    help: /Free some space/,
  },
  'the storage is damaged': {
    spoil: () => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('Internal error opening backing store', 'UnknownError')
      }
    },
    title: 'The browser’s storage does not open',
    help: /Close all windows of the browser/,
  },
  'IndexedDB never answers': {
    spoil: () => {
      IDBFactory.prototype.open = () => new EventTarget() as IDBOpenDBRequest
    },
    title: 'Waiting for the browser’s storage',
    help: /Close other tabs/,
  },
  'there are no Web Locks': {
    spoil: () => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }),
    title: 'This browser is too old',
    help: /Update the browser/,
  },
  'there is no WebAssembly': {
    spoil: () => Object.defineProperty(globalThis, 'WebAssembly', { value: undefined }),
    title: 'This browser is too old',
    help: /Update the browser/,
  },
  'the address is not secure': {
    spoil: () => {
      Object.defineProperty(window, 'isSecureContext', { value: false })
      Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined })
    },
    title: 'This address is not secure',
    help: /https:\/\/ in front/,
  },
}

for (const [name, { spoil, title, help }] of Object.entries(stopping)) {
  test(`the start says what is the matter when ${name}`, async ({ browser }) => {
    const page = await openPage(browser, spoil)
    await page.goto(stack.url)
    await expectProblem(page, title, help)
    await page.context().close()
  })
}

test('a late answer of the storage still opens the app', async ({ browser }) => {
  const page = await openPage(browser, () => {
    const factory = indexedDB
    const open = factory.open.bind(factory)
    IDBFactory.prototype.open = (...input) => {
      const late = new EventTarget() as IDBOpenDBRequest
      setTimeout(() => {
        const request = open(...input)
        for (const kind of ['upgradeneeded', 'success', 'error'] as const)
          request.addEventListener(kind, () => {
            Object.defineProperty(late, 'result', { get: () => request.result, configurable: true })
            late[`on${kind}`]?.call(late, new Event(kind) as IDBVersionChangeEvent)
          })
      }, 8_000)
      return late
    }
  })
  await page.goto(stack.url)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(
    'Waiting for the browser’s storage',
  )
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in')
  await page.context().close()
})

test('files that do not come leave a word, the first and the late ones', async ({ browser }) => {
  const page = await openPage(browser)
  await page.route(/\/assets\/open-app-.*\.js/, (route) => route.abort())
  await page.goto(stack.url)
  await expectProblem(page, 'Sealbook did not load', /Check the network/)
  await page.unroute(/\/assets\/open-app-.*\.js/)
  await page.route(/\/assets\/index-.*\.js/, (route) => route.abort())
  await page.reload()
  await expect(page.getByRole('alert')).toContainText('Sealbook did not load')
  await page.unroute(/\/assets\/index-.*\.js/)
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in')
  await page.context().close()
})

test('a browser that does not understand the files is told so', async ({ browser }) => {
  const page = await openPage(browser)
  await page.route(/\/assets\/index-.*\.js/, (route) =>
    route.fulfill({ contentType: 'text/javascript', body: 'const from the future' }),
  )
  await page.goto(stack.url)
  await expect(page.getByRole('alert')).toContainText('This browser is too old')
  await page.context().close()
})

test('a file that cannot be read says so, and is dropped only when asked to', async ({
  browser,
}) => {
  const page = await openPage(browser)
  const person = { ...testPerson('environment-damaged'), stayUnlocked: true }
  await registerPerson(page, stack.url, person)
  await keepTransaction(page)
  await waitUntilUpToDate(page)
  // An address of the origin at which no app runs and holds the file.
  await page.goto(`${stack.url}/favicon.svg`)
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory()
    for await (const [name, handle] of root.entries()) {
      if (!name.endsWith('.db') || !(handle instanceof FileSystemFileHandle)) continue
      const file = await handle.createWritable({ keepExistingData: true })
      await file.write({ type: 'write', position: 0, data: new Uint8Array(4_096).fill(7) })
      await file.close()
    }
  })
  await page.goto(stack.url)
  await expectProblem(page, 'The ledger’s file is damaged', /another device of yours/)
  await page.reload()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('The ledger’s file is damaged')
  await page.getByRole('button', { name: 'Drop the copy on this device…' }).click()
  await page.getByRole('button', { name: 'Keep it' }).click()
  await page.getByRole('button', { name: 'Drop the copy on this device…' }).click()
  await expect(page.getByRole('alertdialog')).toContainText('no change was waiting to be sent')
  await page.getByRole('button', { name: 'Drop it and fetch anew' }).click()
  await unlock(page, person.secretKey)
  await openTransactions(page)
  await expect(transactionRow(page, 'Corner shop')).toBeVisible()
  await page.context().close()
})

test('private files that cannot be written give way to IndexedDB', async ({ browser }) => {
  const page = await openPage(browser)
  await page.context().route(/\/assets\/opfs-probe.*\.js/, async (route) => {
    const answer = await route.fetch()
    const lacking = 'delete FileSystemFileHandle.prototype.createSyncAccessHandle;'
    await route.fulfill({ response: answer, body: lacking + (await answer.text()) })
  })
  const person = { ...testPerson('environment-probe'), stayUnlocked: true }
  await registerPerson(page, stack.url, person)
  await keepTransaction(page)
  await page.goto(`${stack.url}/diagnostics`)
  await expect(page.getByText('IndexedDB')).toBeVisible()
  await page.context().close()
})

/** Without the service worker, whose answers no route sees. */
async function openPage(browser: Browser, spoil?: () => void): Promise<Page> {
  const context = await browser.newContext({ serviceWorkers: 'block', locale: 'en-GB' })
  if (spoil !== undefined) await context.addInitScript(spoil)
  return context.newPage()
}

async function expectProblem(page: Page, title: string, help: RegExp): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(title)
  await expect(page.getByRole('listitem').filter({ hasText: help })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible()
  await expect(page.getByText(/sign out/i)).toHaveCount(0)
}

async function keepTransaction(page: Page): Promise<void> {
  await addAccount(page, { name: 'Wallet', openingBalance: '10' })
  await openTransactions(page)
  await addTransaction(page, { amount: '3.50', payee: 'Corner shop' })
  await expect(transactionRow(page, 'Corner shop')).toBeVisible()
}
