/** Bundles into `<outDir>/main.js`; the files that went in, relative to the repository. */
export function bundle(outDir: string): Promise<string[]>
