import type { EnginePage } from './page.ts'

export const engineNames = ['chromium', 'firefox', 'webkit'] as const

/** Chromium, Debian's Firefox ESR, and WebKitGTK, which is the nearest to iOS that Linux has. */
export type EngineName = (typeof engineNames)[number]

/** One browser with a profile of its own, as a person's device has. */
export interface EngineDevice {
  readonly engine: EngineName
  /** A window more of the same profile. */
  newPage(): Promise<EnginePage>
  /** SIGKILL to the browser and all its processes, as a power cut would. The profile stays. */
  kill(): Promise<void>
  /**
   * A new browser over the profile, after `kill`; pages of before are gone. WebKit's automation
   * keeps no profile: there it is a new device.
   */
  restart(): Promise<void>
  /** Ends the browser and removes the profile. */
  close(): Promise<void>
}

export interface DeviceOptions {
  /** Environment of the browser; `C` is what a machine without any language says. */
  readonly locale?: 'en_US.UTF-8' | 'C'
}

/** What a device needs from an engine to be driven. */
export interface RunningBrowser {
  newPage(): Promise<EnginePage>
  /** As of `KeptProcess`. */
  kill(): Promise<void>
  end(): Promise<void>
}

/** Starts one engine's browser over a profile folder. */
export type StartBrowser = (
  profile: string,
  env: Readonly<Record<string, string | undefined>>,
) => Promise<RunningBrowser>
