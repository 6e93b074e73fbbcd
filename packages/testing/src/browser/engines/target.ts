/** What a person means by the thing to press: what it is and what is written on it. */
export type Target =
  | { readonly role: string; readonly name?: string | RegExp; readonly nth?: number }
  /** The innermost element with just this text. */
  | { readonly text: string | RegExp; readonly nth?: number }

/** The first target in sight, or the `nth` from 0, and how it stands. */
export interface Found {
  /** `covered`: something else lies over its middle. Only what is `ready` can be pressed. */
  readonly kind: 'absent' | 'disabled' | 'moving' | 'covered' | 'ready'
  /** How many such targets are in sight. */
  readonly count: number
  /** Of its content, without spaces at the ends. */
  readonly text: string
  /** Its middle, in CSS pixels of the viewport. */
  readonly x: number
  readonly y: number
  /** Mark-up of what covers it. */
  readonly cover?: string
}

/** A target as it goes into the page. */
export interface Sought {
  readonly role: string | undefined
  /** Of the name, or of the text where there is no role. Undefined takes any. */
  readonly pattern: { readonly source: string; readonly flags: string } | undefined
  readonly nth: number
  /** Once it is ready, a press that meets something else is kept from that, and `missedPress` tells. */
  readonly willBePressed: boolean
}

export function soughtOf(target: Target, willBePressed = false): Sought {
  const wanted = 'role' in target ? target.name : target.text
  const exact =
    typeof wanted === 'string'
      ? { source: `^${wanted.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}$`, flags: '' }
      : wanted && { source: wanted.source, flags: wanted.flags }
  return {
    role: 'role' in target ? target.role : undefined,
    pattern: exact,
    nth: target.nth ?? 0,
    willBePressed,
  }
}

/** What `findTarget` leaves in the page. */
interface PressWatch {
  sealbookPress?: { outcome: 'hit' | 'missed' | undefined; stop: () => void }
}

/** Runs in the page: whether the last press met something else than what was found to press. */
export function missedPress(): boolean {
  return (window as unknown as PressWatch).sealbookPress?.outcome === 'missed'
}

/**
 * Runs in the page, so it sees nothing of this file. Roles and names follow WAI-ARIA as far as
 * the app goes; what is hidden from a screen reader or lies under a modal dialog is not there.
 */
export async function findTarget({ role, pattern, nth, willBePressed }: Sought): Promise<Found> {
  const implicit: Readonly<Record<string, string>> = {
    alert: '[role=alert]',
    button: 'button, summary, input[type=button], input[type=submit]',
    checkbox: 'input[type=checkbox]',
    combobox: 'select',
    heading: 'h1, h2, h3, h4, h5, h6',
    link: 'a[href]',
    list: 'ul, ol',
    listitem: 'li',
    main: 'main',
    navigation: 'nav',
    option: 'option',
    radio: 'input[type=radio]',
    row: 'tr',
    table: 'table',
    textbox:
      'textarea, input:not([type]), input[type=text], input[type=email], input[type=password], input[type=tel], input[type=url]',
    searchbox: 'input[type=search]',
  }
  const namedByContent =
    /^(button|checkbox|heading|link|listitem|menuitem|menuitemradio|option|radio|row|switch|tab)$/
  const regex = pattern && new RegExp(pattern.source, pattern.flags)

  const found = (role === undefined ? withText() : withRole(role)).filter(isInSight)
  const count = found.length
  const element = found[nth]
  if (element === undefined) return { kind: 'absent', count, text: '', x: 0, y: 0 }
  const target = pressable(element)
  if (!isInViewport(target)) target.scrollIntoView({ block: 'center', behavior: 'instant' })
  const before = target.getBoundingClientRect()
  await new Promise((resolve) => setTimeout(resolve, 30))
  const box = target.getBoundingClientRect()
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  const at = { count, text: contentOf(element), x, y }
  if (element.matches(':disabled, [aria-disabled=true]')) return { kind: 'disabled', ...at }
  if (box.x !== before.x || box.y !== before.y) return { kind: 'moving', ...at }
  const hit = document.elementFromPoint(x, y)
  if (hit === null || !(target.contains(hit) || hit.contains(target)))
    return { kind: 'covered', ...at, cover: hit?.outerHTML.slice(0, 200) ?? 'nothing' }
  if (willBePressed) watchPress(target, hit)
  return { kind: 'ready', ...at }

  /** Between the look and the press, what stands under the pointer may move away. */
  function watchPress(wanted: HTMLElement, under: Element): void {
    const holder = window as unknown as PressWatch
    holder.sealbookPress?.stop()
    const names = ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click']
    const watch: NonNullable<PressWatch['sealbookPress']> = {
      outcome: undefined,
      stop: () => names.forEach((name) => removeEventListener(name, judge, true)),
    }
    function judge(event: Event): void {
      const at = event.target as Node
      watch.outcome ??= wanted.contains(at) || at === under ? 'hit' : 'missed'
      if (watch.outcome === 'hit') return watch.stop()
      event.preventDefault()
      event.stopImmediatePropagation()
    }
    holder.sealbookPress = watch
    for (const name of names) addEventListener(name, judge, true)
  }

  function withRole(wanted: string): HTMLElement[] {
    const native = implicit[wanted]
    const candidates = document.querySelectorAll<HTMLElement>(
      [`[role=${wanted}]`, ...(native === undefined ? [] : [native])].join(', '),
    )
    return [...candidates]
      .filter((candidate) => (candidate.getAttribute('role') ?? wanted) === wanted)
      .filter((candidate) => regex === undefined || regex.test(nameOf(candidate, wanted)))
  }

  function withText(): HTMLElement[] {
    const matching = [...document.body.querySelectorAll<HTMLElement>('*')].filter(
      (candidate) => regex?.test(contentOf(candidate)) ?? false,
    )
    return matching.filter((one) => !matching.some((other) => other !== one && one.contains(other)))
  }

  function nameOf(candidate: HTMLElement, its: string): string {
    const ids = candidate.getAttribute('aria-labelledby')
    if (ids !== null)
      return tidy(
        ids
          .split(/\s+/)
          .map((id) => textOf(document.getElementById(id)))
          .join(' '),
      )
    const label = candidate.getAttribute('aria-label')
    if (label !== null) return tidy(label)
    const { labels } = candidate as HTMLInputElement
    if (labels?.length) return tidy([...labels].map(textOf).join(' '))
    return namedByContent.test(its)
      ? contentOf(candidate)
      : tidy(candidate.getAttribute('title') ?? candidate.getAttribute('placeholder') ?? '')
  }

  function contentOf(node: Node): string {
    return tidy(textOf(node))
  }

  function textOf(node: Node | null): string {
    if (node === null) return ''
    if (node.nodeType === Node.TEXT_NODE) return node.nodeValue ?? ''
    if (!(node instanceof HTMLElement) || node.matches('[aria-hidden=true], script, style'))
      return ''
    const inner = [...node.childNodes].map(textOf).join('')
    return getComputedStyle(node).display.startsWith('inline') ? inner : ` ${inner} `
  }

  function tidy(text: string): string {
    return text.replaceAll(/\s+/g, ' ').trim()
  }

  function isInSight(candidate: HTMLElement): boolean {
    if (candidate.closest('[aria-hidden=true], [inert]')) return false
    const { width, height } = pressable(candidate).getBoundingClientRect()
    return width > 0 && height > 0 && getComputedStyle(candidate).visibility === 'visible'
  }

  /** A box to tick is drawn by its label; its own input lies hidden. */
  function pressable(candidate: HTMLElement): HTMLElement {
    return candidate.matches('input[type=checkbox], input[type=radio]')
      ? (candidate.closest('label') ?? candidate)
      : candidate
  }

  function isInViewport(candidate: HTMLElement): boolean {
    const { top, bottom, left, right } = candidate.getBoundingClientRect()
    return top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth
  }
}
