/** The dedicated Workers of this page by their names. PowerSync makes its own and keeps it to itself. */
const workersByName = new Map<string, Worker>()

/** Before the first Worker is made: from here on the page can end each of them at once. */
export function trackWorkers(): void {
  globalThis.Worker = class extends Worker {
    readonly #name: string | undefined

    constructor(script: string | URL, options?: WorkerOptions) {
      super(script, options)
      this.#name = options?.name
      if (this.#name !== undefined) workersByName.set(this.#name, this)
    }

    override terminate(): void {
      if (this.#name !== undefined && workersByName.get(this.#name) === this) {
        workersByName.delete(this.#name)
      }
      super.terminate()
    }
  }
}

/** In the middle of whatever it does. A Web Lock that it held is free afterwards. */
export function terminateWorker(name: string): void {
  workersByName.get(name)?.terminate()
}
