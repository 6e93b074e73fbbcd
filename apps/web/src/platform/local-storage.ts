/** The origin's few plain settings. Where the person blocks site data, reading it throws. */
export function readSetting(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

/** Kept for this visit alone where the browser keeps nothing: the caller goes on either way. */
export function writeSetting(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key)
    else localStorage.setItem(key, value)
  } catch {
    // Blocked or full: the choice holds until the page goes.
  }
}
