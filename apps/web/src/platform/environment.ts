import { deviceLocale } from './locale.ts'
import { missingFeatures } from './required-features.ts'

/** What this browser is and lacks, a line each, for a report. Nothing of the person's. */
export function describeEnvironment(): readonly string[] {
  const { storage, serviceWorker, userAgent, languages } = navigator as Partial<Navigator>
  const missing = missingFeatures(globalThis)
  return [
    `Browser: ${userAgent ?? 'unknown'}`,
    `Languages: ${languages?.join(', ') ?? 'unknown'}; written as ${deviceLocale()}`,
    `Secure address: ${yesNo(globalThis.isSecureContext)}`,
    `Storage manager: ${yesNo(storage !== undefined)}; private files: ${yesNo(storage?.getDirectory !== undefined)}`,
    `Shared workers: ${yesNo('SharedWorker' in globalThis)}; service workers: ${yesNo(serviceWorker !== undefined)}`,
    `Missing: ${missing.length === 0 ? 'nothing that is needed' : missing.join(', ')}`,
  ]
}

function yesNo(is: boolean): string {
  return is ? 'yes' : 'no'
}
