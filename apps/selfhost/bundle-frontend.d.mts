export function bundleFrontend(outfile: string): Promise<void>
