/** How the engine's connections show in `pg_stat_activity`. */
export function applicationName(purpose: 'writer' | 'reader' | 'markers' | 'replication'): string {
  return `sealbook sync ${purpose}`
}
