import { writeFile } from 'node:fs/promises'
import { findTarget, missedPress, soughtOf, type Found, type Target } from './target.ts'

const defaultTimeoutMs = 30_000
const pollMs = 50
/** What moves away from under the pointer as often as this will not stand still. */
const mostPresses = 10

/** The few movements of which every other is made; each engine has its own. */
export interface PageControls {
  goto(url: string): Promise<void>
  reload(): Promise<void>
  /** The value of a JavaScript expression, a promise of a text. */
  evaluate(expression: string): Promise<string | undefined>
  /** A press of the left button of the pointer, in CSS pixels of the viewport. */
  clickAt(x: number, y: number): Promise<void>
  /** One key for each character. */
  type(text: string): Promise<void>
  /** @param key as in `KeyboardEvent.key`. */
  press(key: string, held: readonly Modifier[]): Promise<void>
  /** A PNG of the viewport. */
  screenshot(): Promise<Buffer>
  close(): Promise<void>
}

export type Modifier = 'Alt' | 'Control' | 'Meta' | 'Shift'

export interface WaitOptions {
  /** In milliseconds, 30 s by default. */
  readonly timeout?: number
}

/** A window of a browser, used as a person uses it: what is not in sight cannot be pressed. */
export interface EnginePage extends Omit<PageControls, 'evaluate' | 'clickAt' | 'press'> {
  /** Sets off; what comes may be no load, but a page that was kept, or a place within the page. */
  back(): Promise<void>
  forward(): Promise<void>
  /** `Control+a`, `Shift+Tab`, `Enter`. */
  press(keys: string): Promise<void>
  /** Runs in the page: the function sees nothing of its file; values travel as JSON. */
  evaluate<R>(work: () => R | Promise<R>): Promise<R>
  evaluate<A, R>(work: (value: A) => R | Promise<R>, value: A): Promise<R>
  /** Waits for the target, and presses its middle once it stands still and nothing covers it. */
  click(target: Target, options?: WaitOptions): Promise<void>
  /** Presses a field, selects what is in it and types over it. */
  fill(target: Target, text: string): Promise<void>
  /** Waits until the target is in sight, and gives its text. */
  waitFor(target: Target, options?: WaitOptions): Promise<string>
  waitUntilGone(target: Target, options?: WaitOptions): Promise<void>
  /** How many are in sight now. */
  count(target: Target): Promise<number>
  /** All text in sight, as `innerText` of the body. */
  text(): Promise<string>
  /** @throws with the text in sight when the time is over. */
  waitForText(wanted: string | RegExp, options?: WaitOptions): Promise<void>
  /** Waits until a function in the page answers with something true, and gives that. */
  waitUntil<R>(work: () => R | Promise<R>, options?: WaitOptions): Promise<R>
  saveScreenshot(file: string): Promise<void>
}

export function enginePage(controls: PageControls): EnginePage {
  async function evaluate<A, R>(work: (value: A) => R | Promise<R>, value?: A): Promise<R> {
    const argument = value === undefined ? '' : JSON.stringify(value)
    const text = await controls.evaluate(
      `(async () => JSON.stringify(await (${work.toString()})(${argument})))()`,
    )
    return (text === undefined ? undefined : JSON.parse(text)) as R
  }
  const find = (target: Target) => evaluate(findTarget, soughtOf(target))
  const text = () => evaluate(() => document.body.innerText)

  /** Asks again until it has what it wants; a page that is just leaving may not answer. */
  async function poll<T>(
    what: string,
    ask: () => Promise<T>,
    suits: (answer: T) => boolean,
    { timeout = defaultTimeoutMs }: WaitOptions = {},
  ): Promise<T> {
    const deadline = Date.now() + timeout
    let last: unknown
    for (;;) {
      try {
        const answer = await ask()
        if (suits(answer)) return answer
        last = answer
      } catch (error) {
        last = error
      }
      if (Date.now() > deadline) {
        const seen = await text().catch(String)
        const state = last instanceof Error ? last.message : JSON.stringify(last)
        throw new Error(`waited ${timeout} ms for ${what}, last: ${state}\nin sight:\n${seen}`)
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs))
    }
  }
  async function click(target: Target, options?: WaitOptions): Promise<void> {
    const isReady = ({ kind }: Found) => kind === 'ready'
    const look = () => evaluate(findTarget, soughtOf(target, true))
    for (let presses = 0; presses < mostPresses; presses += 1) {
      const { x, y } = await poll(nameOf(target), look, isReady, options)
      await controls.clickAt(Math.round(x), Math.round(y))
      // A page that the press led away from does not answer.
      if (!(await evaluate(missedPress).catch(() => false))) return
    }
    throw new Error(`${nameOf(target)} moves away from every press`)
  }

  return {
    ...controls,
    evaluate,
    click,
    text,
    back: () => evaluate(() => void setTimeout(() => history.back())),
    forward: () => evaluate(() => void setTimeout(() => history.forward())),
    press: (keys) => {
      const names = keys.split('+')
      return controls.press(names.at(-1) ?? '', names.slice(0, -1) as Modifier[])
    },
    fill: async (target, value) => {
      await click(target)
      await evaluate(() => {
        const { activeElement } = document
        if (
          !(activeElement instanceof HTMLInputElement) &&
          !(activeElement instanceof HTMLTextAreaElement)
        )
          throw new Error('the press did not focus a field')
        activeElement.select()
      })
      if (value === '') await controls.press('Backspace', [])
      else await controls.type(value)
    },
    waitFor: async (target, options) => {
      const isInSight = ({ kind }: Found) => kind !== 'absent'
      const found = await poll(nameOf(target), () => find(target), isInSight, options)
      return found.text
    },
    waitUntilGone: async (target, options) => {
      const isGone = ({ kind }: Found) => kind === 'absent'
      await poll(`no ${nameOf(target)}`, () => find(target), isGone, options)
    },
    count: async (target) => (await find(target)).count,
    waitForText: async (wanted, options) => {
      const suits = (seen: string) =>
        typeof wanted === 'string' ? seen.includes(wanted) : wanted.test(seen)
      await poll(String(wanted), text, suits, options)
    },
    waitUntil: (work, options) => poll(work.toString(), () => evaluate(work), Boolean, options),
    saveScreenshot: async (file) => writeFile(file, await controls.screenshot()),
  }
}

function nameOf(target: Target): string {
  return 'role' in target ? `${target.role} ${String(target.name ?? '')}` : String(target.text)
}
