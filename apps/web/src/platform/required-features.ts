/**
 * What the app cannot run without, and since when browsers have it (docs/browsers.md). What it
 * only uses where it is (OPFS, `navigator.storage`, shared workers, idle callbacks) is not here.
 */
interface Feature {
  /** As a person may look it up. */
  readonly name: string
  readonly isThere: (scope: Scope) => boolean
}

/** The parts of `globalThis` that are looked at; any of them may be missing. */
export interface Scope {
  readonly isSecureContext?: boolean | undefined
  readonly WebAssembly?: unknown
  readonly crypto?:
    | {
        readonly subtle?: unknown
        readonly getRandomValues?: unknown
        readonly randomUUID?: unknown
      }
    | undefined
  readonly navigator?: { readonly locks?: unknown } | undefined
  readonly Worker?: unknown
  readonly BroadcastChannel?: unknown
  readonly MessageChannel?: unknown
  readonly ReadableStream?: unknown
  readonly structuredClone?: unknown
  readonly AbortSignal?: { readonly timeout?: unknown } | undefined
  readonly Array?: { readonly prototype: object } | undefined
  readonly Object?: object | undefined
  readonly Intl?: object | undefined
}

const features: readonly Feature[] = [
  { name: 'WebAssembly', isThere: ({ WebAssembly }) => typeof WebAssembly === 'object' },
  {
    name: 'Web Cryptography',
    isThere: ({ crypto }) =>
      crypto?.subtle !== undefined &&
      typeof crypto.getRandomValues === 'function' &&
      typeof crypto.randomUUID === 'function',
  },
  { name: 'Web Locks', isThere: ({ navigator }) => navigator?.locks !== undefined },
  { name: 'Web Workers', isThere: ({ Worker }) => typeof Worker === 'function' },
  {
    name: 'Broadcast Channel',
    isThere: ({ BroadcastChannel }) => typeof BroadcastChannel === 'function',
  },
  {
    name: 'Message Channel',
    isThere: ({ MessageChannel }) => typeof MessageChannel === 'function',
  },
  { name: 'Streams', isThere: ({ ReadableStream }) => typeof ReadableStream === 'function' },
  {
    name: 'structuredClone',
    isThere: ({ structuredClone }) => typeof structuredClone === 'function',
  },
  {
    name: 'AbortSignal.timeout',
    isThere: ({ AbortSignal }) => typeof AbortSignal?.timeout === 'function',
  },
  // Every browser that has this one starts a Worker from a module too, which nothing else tells.
  {
    name: 'Array.prototype.toSorted',
    isThere: (scope) => scope.Array !== undefined && 'toSorted' in scope.Array.prototype,
  },
  {
    name: 'Array.prototype.findLastIndex',
    isThere: (scope) => scope.Array !== undefined && 'findLastIndex' in scope.Array.prototype,
  },
  {
    name: 'Object.hasOwn',
    isThere: (scope) => scope.Object !== undefined && 'hasOwn' in scope.Object,
  },
  {
    name: 'Intl',
    isThere: ({ Intl }) =>
      Intl !== undefined &&
      ['NumberFormat', 'DateTimeFormat', 'RelativeTimeFormat', 'Locale'].every(
        (part) => part in Intl,
      ),
  },
]

/** Names of what this browser lacks. Over plain http it lacks several that it has over https. */
export function missingFeatures(scope: Scope): readonly string[] {
  return features.filter(({ isThere }) => !isThere(scope)).map(({ name }) => name)
}
