/** What a browser says of its languages; `Navigator` is one. */
export interface Languages {
  readonly languages?: readonly string[] | undefined
  readonly language?: string | undefined
}

const fallback = 'en'

/**
 * The first of the browser's languages that `Intl` can write, always a valid tag. Browsers pass on
 * what the system says: WebKitGTK gives `C` under a bare locale, and `Intl` throws on that.
 */
export function chooseLocale({ languages, language }: Languages): string {
  for (const given of [...(languages ?? []), language ?? '']) {
    const supported = supportedTag(toTag(given))
    if (supported !== undefined) return supported
  }
  return fallback
}

let chosen: { readonly key: string; readonly locale: string } | undefined

/** The language and number format of the device. Every use of `Intl` in the app takes it. */
export function deviceLocale(): string {
  const languages = (globalThis as { navigator?: Languages }).navigator ?? {}
  const key = [...(languages.languages ?? []), languages.language ?? ''].join()
  if (chosen?.key !== key) chosen = { key, locale: chooseLocale(languages) }
  return chosen.locale
}

/** "1,234", as the device writes it. */
export function countText(count: number): string {
  return count.toLocaleString(deviceLocale())
}

/** POSIX writes `de_AT.UTF-8@euro` for `de-AT`. */
function toTag(given: string): string {
  return given.replace(/[.@].*$/, '').replaceAll('_', '-')
}

function supportedTag(tag: string): string | undefined {
  try {
    return Intl.NumberFormat.supportedLocalesOf([tag])[0]
  } catch {
    return undefined
  }
}
